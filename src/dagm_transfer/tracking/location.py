"""Where the store is; known without mlflow, whose import takes seconds."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock

from dagm_transfer.core.work import WorkPaths

EXPERIMENT = "study"
SWEEP = "sweep-"  # and the study's name
TRACKING_URI = "MLFLOW_TRACKING_URI"
BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")  # SQLite's own files


def database(root: Path) -> Path:
    """The default store of a checkout."""
    return root.resolve() / "mlflow.db"


def artifacts(root: Path) -> Path:
    """The artifacts of the default store."""
    return root.resolve() / "mlartifacts"


def tracking_uri(root: Path) -> str:
    """MLFLOW_TRACKING_URI where it is set, else the SQLite file at the project's root."""
    return os.environ.get(TRACKING_URI) or f"sqlite:///{database(root)}"


def is_server(uri: str) -> bool:
    """Whether a store is reached through a server that runs already."""
    return urlsplit(uri).scheme in {"http", "https"}


def rebuild_if_moved(work: WorkPaths, say: Callable[[str], None]) -> bool:
    """Remove the default store where its checkout was moved or copied; True where it was removed.

    The artifact location of an experiment is absolute and cannot be changed: after a move, figures
    would be looked for, and written, where the checkout was. The logs are the record: the caller
    replays them. To be called before the store is opened: mlflow keeps an open file open.
    """
    if os.environ.get(TRACKING_URI) or not database(work.root).exists():
        return False
    work.store_lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(work.store_lock):
        if not _lies_elsewhere(work.root):
            return False
        for ending in BESIDE_A_DATABASE:
            Path(f"{database(work.root)}{ending}").unlink(missing_ok=True)
        shutil.rmtree(artifacts(work.root), ignore_errors=True)
    say("the tracking store is of a checkout at another place: it is made anew from the logs")
    return True


def _lies_elsewhere(root: Path) -> bool:
    """Whether an experiment of ours keeps its artifacts outside this checkout."""
    return any(
        not Path(url2pathname(urlsplit(location).path)).is_relative_to(root.resolve())
        for name, location in _experiments(database(root))
        if name == EXPERIMENT or name.startswith(SWEEP)
    )


def _experiments(path: Path) -> list[tuple[str, str]]:
    """Names and artifact locations; none where the file is no such database.

    Read with SQLite's own means: mlflow would hold on to a file that is to be removed.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return list(connection.execute("SELECT name, artifact_location FROM experiments"))
    except sqlite3.Error:
        return []
