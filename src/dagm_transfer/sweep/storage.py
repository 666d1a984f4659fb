"""Where a study is kept: the journal file of one machine, or a database."""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import optuna
from optuna import Study
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from dagm_transfer.core.errors import UserError

# A parent shows every so many seconds that its trials live; after so many without they do not.
HEARTBEAT, GRACE = 10, 40
HISTORY = "retry_history"  # the system attribute in which Optuna's own retries keep numbers
LOST = "lost"
FIXED = "fixed_params"  # the system attribute in which Optuna keeps the point of a queued trial
PATIENCE = 15  # seconds for a connection, and for a lock of SQLite


@contextmanager
def expected() -> Iterator[None]:
    """Without the warnings of what is meant: heartbeats without `optimize`, by Optuna's API."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.filterwarnings("ignore", message="Heartbeat of storage is supposed")
        yield


def open_storage(where: str) -> BaseStorage:
    """The storage at a database's URL, or at the path of a journal file.

    Raises:
        UserError: nothing answers there, or the file is none.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return _database(where) if "://" in where else _journal(Path(where))


def _journal(path: Path) -> BaseStorage:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Optuna's lock is a link to the journal: by a relative path it would lead nowhere, and one that
    # a killed process left would never be seen to be old.
    whole = str(path.resolve())
    try:
        if path.exists():
            with path.open("rb") as file:  # Optuna takes a bad last line for one half written
                dict(json.loads(file.readline() or b"{}"))
            _mend_end(Path(whole))
        return JournalStorage(JournalFileBackend(whole))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not an Optuna journal ({error}); name another file") from error


def _mend_end(journal: Path) -> None:
    """Cut off a last line that was half written: the next one would be joined to it."""
    if _ends_well(journal):
        return
    lock = JournalFileSymlinkLock(str(journal))
    lock.acquire()  # it may be that another process is writing just now
    try:
        if not _ends_well(journal):
            whole_lines = journal.read_bytes().rfind(b"\n") + 1
            with journal.open("r+b") as file:
                file.truncate(whole_lines)
    finally:
        lock.release()


def _ends_well(journal: Path) -> bool:
    with journal.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        return file.read() in (b"", b"\n")


def _database(url: str) -> BaseStorage:
    try:
        parts = make_url(url)
        shown = parts.render_as_string(hide_password=True)
        sqlite = parts.get_backend_name() == "sqlite"
        options = {"timeout" if sqlite else "connect_timeout": PATIENCE}
        engine = create_engine(parts, connect_args=options, poolclass=NullPool)  # asked once
        tables = inspect(engine).get_table_names()
        if tables and "studies" not in tables:
            raise UserError(f"{shown}: holds the tables of another program; name another database")
        with expected():
            return RDBStorage(
                url,
                engine_kwargs={"connect_args": options, "pool_pre_ping": True},
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=queue_again,
            )
    except ArgumentError as error:
        raise UserError(f"{url}: not the URL of a database, as sqlite:///study.db is") from error
    except (SQLAlchemyError, ImportError, RuntimeError) as error:
        raise UserError(f"{shown}: cannot be opened: {_first_line(error)}") from error


def path_of(where: str) -> Path | None:
    """The file that a storage is kept in; None where it is on a server, or in no place at all."""
    if "://" not in where:
        return Path(where)
    with suppress(ArgumentError):
        url = make_url(where)
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database)
    return None


def queue_again(study: Study, trial: FrozenTrial, lost: int | None = None) -> None:
    """Put the point of a failed trial into the queue, and how often it was lost up to now."""
    fixed = {FIXED: trial.system_attrs[FIXED]} if FIXED in trial.system_attrs else {}
    if not (trial.params or fixed):
        return  # its point was never drawn
    history = [*trial.system_attrs.get(HISTORY, []), trial.number]
    again = create_trial(
        state=TrialState.WAITING,
        params=trial.params,
        distributions=trial.distributions,
        system_attrs={
            **fixed, HISTORY: history, "failed_trial": history[0],
            LOST: lost_of(trial) if lost is None else lost,
        },
    )  # fmt: skip
    study.add_trial(again)


def lost_of(trial: FrozenTrial) -> int:
    """How often a trial's point was lost before, with the worker that had it in hand."""
    lost: int = trial.system_attrs.get(LOST, 0)
    return lost


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
