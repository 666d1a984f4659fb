"""The MLflow store: made once, its experiments, and which of its runs have died."""

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

from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, Run
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.locks import is_gone
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.tracking.location import (
    EXPERIMENT,
    artifacts,
    database,
    is_server,
    tracking_uri,
)

KIND = {"mlflow.experimentKind": "custom_model_development"}  # not one of MLflow's chat traces
PAGE = 1000
IDENTITY, ENVIRONMENT = "identity", "environment.digest"


@dataclass(frozen=True)
class Destination:
    """An experiment of a store, and the tags of the runs that are put there.

    `lock` is held by the process of this machine that puts finished logs into the store.
    """

    client: MlflowClient
    experiment_id: str
    lock: Path
    tags: Mapping[str, str] = field(default_factory=dict)


def open_store(work: WorkPaths, experiment: str = EXPERIMENT) -> Destination:
    """The store and the experiment in it, made or restored where they are not there.

    Several processes that open a new SQLite file at once corrupt it: one at a time.
    """
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    uri = tracking_uri(work.root)
    work.store_lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(work.store_lock):
        if uri == f"sqlite:///{database(work.root)}":
            _make_whole(database(work.root))
        elif not is_server(uri):
            _refuse_others(uri)
        client = MlflowClient(uri)
        # Left to itself MLflow puts artifacts below whatever folder this process runs in.
        own = (artifacts(work.root) / experiment).as_uri() if uri.startswith("sqlite:") else None
        return Destination(client, _experiment(client, experiment, own), work.locks / "sync.lock")


def _refuse_others(uri: str) -> None:
    """MLflow and Optuna number their tables in one that has the same name: they break each other.

    Raises:
        UserError: a study is kept in this database.
    """
    try:
        names = inspect(create_engine(uri, poolclass=NullPool)).get_table_names()
    except SQLAlchemyError:
        return  # no database, or one that is down: MLflow says so
    if "studies" in names:
        shown = make_url(uri).render_as_string(hide_password=True)
        raise UserError(f"{shown}: holds the tables of another program; name another database")


def _make_whole(path: Path) -> None:
    """Have the SQLite file with all its tables, or not at all.

    One that was left half made by a killed process could never be opened again.
    """
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.draft")
    for left in path.parent.glob(f"{draft.name}*"):
        left.unlink()
    MlflowClient(f"sqlite:///{draft}").search_experiments(max_results=1)
    draft.replace(path)


def _experiment(client: MlflowClient, name: str, location: str | None) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        created: str = client.create_experiment(name, location, KIND)
        return created
    if found.lifecycle_stage == LifecycleStage.DELETED:
        client.restore_experiment(found.experiment_id)  # a name can be used once
    known: str = found.experiment_id
    return known


def runs_of(place: Destination, identity: str, environment: str) -> list[Run]:
    """The runs of one identity and environment (its digest), whatever became of them."""
    found = place.client.search_runs(
        [place.experiment_id],
        f"tags.{IDENTITY} = '{identity}'",
        max_results=PAGE,
        order_by=["attributes.start_time ASC"],
    )
    return [run for run in found if run.data.tags.get(ENVIRONMENT) == environment]


def end_dead_runs(place: Destination) -> None:
    """End runs that still count as running but whose process, on this machine, is gone."""
    running = place.client.search_runs(
        [place.experiment_id], "attributes.status = 'RUNNING'", max_results=PAGE
    )
    for run in running:
        if is_gone(run.data.tags):
            place.client.set_terminated(run.info.run_id, "KILLED")
