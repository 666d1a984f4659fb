"""A sweep in the store: an experiment of its own, and one run that is the parent of its trials."""

from collections.abc import Mapping
from dataclasses import dataclass

from filelock import FileLock
from mlflow import MlflowClient

from dagm_transfer.places import WorkPlaces
from dagm_transfer.tracking.store import open_store

STUDY = "optuna.study"  # in a log's environment: the study that the run is a trial of
PARENT = "mlflow.parentRunId"
ROLE, IS_PARENT = "optuna.role", "parent"


@dataclass(frozen=True)
class Destination:
    """Where runs belong, and the tags that put them there."""

    client: MlflowClient
    experiment_id: str
    tags: Mapping[str, str]


def open_sweep(work: WorkPlaces, study: str) -> Destination:
    """The place of a study's trials, made where it is not there yet."""
    client, experiment_id = open_store(work, f"sweep-{study}")
    with FileLock(work.store_lock):
        found = client.search_runs([experiment_id], f"tags.`{ROLE}` = '{IS_PARENT}'")
        if found:
            parent = found[0]
        else:
            tags = {ROLE: IS_PARENT, STUDY: study}
            parent = client.create_run(experiment_id, run_name=study, tags=tags)
            client.set_terminated(parent.info.run_id, "FINISHED")
    return Destination(client, experiment_id, {PARENT: parent.info.run_id})
