"""A worker process: it runs one trial of the study for each turn that its parent gives it."""

import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

import optuna
import torch
from filelock import FileLock
from optuna.exceptions import StorageInternalError
from optuna.pruners import MedianPruner
from sqlalchemy.exc import SQLAlchemyError

from dagm_transfer.core.errors import UserError, one_line, reason
from dagm_transfer.core.locks import alive
from dagm_transfer.sweep.objective import Objective, Setup
from dagm_transfer.sweep.storage import open_storage
from dagm_transfer.sweep.study import enqueue_next, sampler

DATABASE = (SQLAlchemyError, StorageInternalError)  # what comes of one that is full, or away


@dataclass(frozen=True)
class Turn:
    """What came of a turn.

    Attributes:
        exhausted: whether no point was left.
        failure: why the study took no result.
        fatal: why there can be no further turn.
    """

    exhausted: bool = False
    failure: str = ""
    fatal: str = ""


def work(
    connection: Connection,
    setup: Setup,
    device: str,
    threads: int,
    make: type[Objective] = Objective,
) -> None:
    """Take turns until the parent closes the connection or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all: the parent ends its workers
    torch.set_num_threads(threads)
    with suppress(EOFError, BrokenPipeError), alive(setup.work.locks, "sweep") as lock:
        try:
            # One worker at a time asks for a trial: two could draw the same point.
            asking = FileLock(setup.work.locks / f"ask-{setup.study}.lock")
            objective = make(setup, device, lock, asking.release)
            study = optuna.load_study(study_name=setup.study, storage=open_storage(setup.url))
            study.pruner = MedianPruner(n_startup_trials=5, n_warmup_steps=1)
            connection.send(Turn())
            while True:
                connection.recv()
                connection.send(_turn(study, setup, objective, asking))
        except (KeyError, *DATABASE, UserError) as error:
            connection.send(Turn(fatal=_fatal(error, setup.study)))


def _turn(study: optuna.Study, setup: Setup, objective: Objective, asking: FileLock) -> Turn:
    with asking:
        if not enqueue_next(study, setup.params.sweep):
            return Turn(exhausted=True)
        study.sampler = sampler(setup.params.sweep, len(study.get_trials(deepcopy=False)))
        try:
            study.optimize(objective, n_trials=1, catch=(Exception,), callbacks=[objective.end])
        except (KeyError, *DATABASE):
            objective.abandon()
            raise
        except Exception as error:  # noqa: BLE001 - as where another process failed the trial
            objective.abandon()
            return Turn(failure=one_line(error))
    return Turn(fatal=objective.fatal)


def _fatal(error: Exception, study: str) -> str:
    if isinstance(error, KeyError):
        return f"study {study}: was deleted while it ran"
    if isinstance(error, UserError):
        return str(error)
    return f"study {study}: {reason(error.__cause__ or error)}"
