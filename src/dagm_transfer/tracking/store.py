"""The MLflow store: where it is, made once, and which of its runs have died."""

import logging
import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

# Read when mlflow is imported: nothing is sent home, and a store that is down is noticed soon.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Run

from dagm_transfer.places import WorkPlaces

EXPERIMENT = "study"
KIND = {"mlflow.experimentKind": "custom_model_development"}  # not one of MLflow's chat traces
PAGE = 1000
IDENTITY, LOCK = "identity", "process.lock"


def tracking_uri(root: Path) -> str:
    """MLFLOW_TRACKING_URI where it is set, else the SQLite file at the project's root."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root.resolve() / 'mlflow.db'}"


def open_store(work: WorkPlaces, experiment: str = EXPERIMENT) -> tuple[MlflowClient, str]:
    """The store and the id of the experiment in it, both made where they are not there yet.

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
            return client, found.experiment_id
        # Left to itself MLflow puts artifacts below whatever folder this process runs in.
        place = (work.root / "mlartifacts" / experiment).resolve().as_uri()
        location = place if uri.startswith("sqlite:") else None
        return client, client.create_experiment(experiment, location, KIND)


def runs_of(client: MlflowClient, experiment_id: str, identity: str) -> list[Run]:
    """The runs of one identity, whatever became of them."""
    return list(
        client.search_runs([experiment_id], f"tags.{IDENTITY} = '{identity}'", max_results=PAGE)
    )


def process_tags(work: WorkPlaces, lock: Path) -> dict[str, str]:
    """Which machine and checkout a live run belongs to, and the lock that its process holds."""
    return {**_here(work), LOCK: lock.name}


def _here(work: WorkPlaces) -> dict[str, str]:
    return {"process.host": socket.gethostname(), "process.root": str(work.root.resolve())}


def end_dead_runs(client: MlflowClient, experiment_id: str, work: WorkPlaces) -> None:
    """End runs of this checkout that still count as running but whose process is gone."""
    running = client.search_runs([experiment_id], "attributes.status = 'RUNNING'", max_results=PAGE)
    for run in running:
        ours = _here(work).items() <= run.data.tags.items()
        if ours and _is_free(work.locks / run.data.tags[LOCK]):
            client.set_terminated(run.info.run_id, "KILLED")


def _is_free(lock: Path) -> bool:
    """Whether no living process holds the lock."""
    try:
        with FileLock(lock, timeout=0):
            return True
    except Timeout:
        return False
