"""A worker process: it runs one trial of the study for each turn that its parent gives it."""

import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

import optuna
import torch
from filelock import FileLock
from optuna.pruners import MedianPruner
from sqlalchemy.exc import SQLAlchemyError

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.core.locks import alive
from dagm_transfer.sweep.objective import Objective, Setup
from dagm_transfer.sweep.storage import open_storage
from dagm_transfer.sweep.study import enqueue_next, sampler


@dataclass(frozen=True)
class Turn:
    """What came of a turn: whether no point was left, and why there can be no further one."""

    exhausted: bool = False
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
        except (KeyError, SQLAlchemyError, UserError) as error:
            connection.send(Turn(fatal=_fatal(error, setup.study)))


def _turn(study: optuna.Study, setup: Setup, objective: Objective, asking: FileLock) -> Turn:
    with asking:
        if not enqueue_next(study, setup.params.sweep):
            return Turn(exhausted=True)
        study.sampler = sampler(setup.params.sweep, len(study.get_trials(deepcopy=False)))
        try:
            study.optimize(objective, n_trials=1, catch=(Exception,), callbacks=[objective.end])
        except (KeyError, SQLAlchemyError):
            objective.abandon()
            raise
        except Exception:  # noqa: BLE001 - Optuna asserts that nobody else failed the trial
            objective.abandon()
    return Turn(fatal=objective.fatal)


def _fatal(error: Exception, study: str) -> str:
    if isinstance(error, KeyError):
        return f"study {study}: was deleted while it ran"
    return str(error) if isinstance(error, UserError) else f"study {study}: {reason(error)}"
