"""A sweep in the store: an experiment of its own, and one run that is the parent of its trials."""

from dataclasses import replace

from filelock import FileLock

from dagm_transfer.core.work import WorkPaths
from dagm_transfer.tracking.location import SWEEP
from dagm_transfer.tracking.store import Destination, open_store

STUDY = "optuna.study"  # among a log's tags: the study that the run is a trial of
PARENT = "mlflow.parentRunId"
ROLE, IS_PARENT = "optuna.role", "parent"


def open_sweep(work: WorkPaths, study: str) -> Destination:
    """The place of a study's trials, made where it is not there yet."""
    place = open_store(work, f"{SWEEP}{study}")
    with FileLock(work.store_lock):
        found = place.client.search_runs([place.experiment_id], f"tags.`{ROLE}` = '{IS_PARENT}'")
        if found:
            parent = found[0]
        else:
            tags = {ROLE: IS_PARENT, STUDY: study}
            parent = place.client.create_run(place.experiment_id, run_name=study, tags=tags)
            place.client.set_terminated(parent.info.run_id, "FINISHED")
    return replace(place, tags={PARENT: parent.info.run_id})
