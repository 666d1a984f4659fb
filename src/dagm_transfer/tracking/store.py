"""The MLflow store: where it is, made once, and which of its runs have died."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

# Read when mlflow is imported: nothing is sent home, and a store that is down is noticed soon.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Run

from dagm_transfer.places import WorkPlaces
from dagm_transfer.processes import is_gone

EXPERIMENT = "study"
KIND = {"mlflow.experimentKind": "custom_model_development"}  # not one of MLflow's chat traces
PAGE = 1000
IDENTITY = "identity"


@dataclass(frozen=True)
class Destination:
    """An experiment of a store, and the tags of the runs that are put there."""

    client: MlflowClient
    experiment_id: str
    tags: Mapping[str, str] = field(default_factory=dict)


def tracking_uri(root: Path) -> str:
    """MLFLOW_TRACKING_URI where it is set, else the SQLite file at the project's root."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root.resolve() / 'mlflow.db'}"


def open_store(work: WorkPlaces, experiment: str = EXPERIMENT) -> Destination:
    """The store and the experiment in it, both made where they are not there yet.

    Several processes that open a new SQLite file at once corrupt it: one at a time.
    """
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    uri = tracking_uri(work.root)
    mlflow.set_tracking_uri(uri)
    work.store_lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(work.store_lock):
        client = MlflowClient(uri)
        found = client.get_experiment_by_name(experiment)
        if found:
            return Destination(client, found.experiment_id)
        # Left to itself MLflow puts artifacts below whatever folder this process runs in.
        place = (work.root / "mlartifacts" / experiment).resolve().as_uri()
        location = place if uri.startswith("sqlite:") else None
        return Destination(client, client.create_experiment(experiment, location, KIND))


def runs_of(place: Destination, identity: str) -> list[Run]:
    """The runs of one identity, whatever became of them."""
    return list(
        place.client.search_runs(
            [place.experiment_id], f"tags.{IDENTITY} = '{identity}'", max_results=PAGE
        )
    )


def end_dead_runs(place: Destination) -> None:
    """End runs that still count as running but whose process, on this machine, is gone."""
    running = place.client.search_runs(
        [place.experiment_id], "attributes.status = 'RUNNING'", max_results=PAGE
    )
    for run in running:
        if is_gone(run.data.tags):
            place.client.set_terminated(run.info.run_id, "KILLED")
