"""A worker whose trials end at once: what a parent does with them depends on no training."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import optuna
from optuna import Study, Trial

from dagm_transfer.core.errors import UserError
from dagm_transfer.events.event import Begin, Evaluation, Timing, record_all
from dagm_transfer.events.log import JsonlRecorder, LogFiles
from dagm_transfer.sweep import worker
from dagm_transfer.sweep.objective import Objective, Setup
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.sweep.search_space import Point


class StandIn(Objective):
    """Behaves as the study's name says; everything but the training is the real thing."""

    def __init__(self, setup: Setup, device: str, lock: Path, on_begin: Callable[[], None]):
        del device
        self._setup, self._lock, self._on_begin = setup, lock, on_begin
        self._recorders, self._curve, self.fatal = (), [], ""

    def _train(self, trial: Trial, point: Point) -> bool:
        del point
        study, third = self._setup.study, trial.number % 3 == 1
        self._recorders = [JsonlRecorder(LogFiles.at(SweepPaths(study).log(trial.number)))]
        record_all(self._recorders, begin(trial.number))
        for step in range(0, 30, 10):
            accuracy = 0.9 if study != "is pruned" or trial.number < 5 else 0.1
            self._evaluated(trial, Evaluation(step, {"val/accuracy": accuracy}, Timing(0.0)))
        if study == "dies" and third:
            os.kill(os.getpid(), signal.SIGKILL)
        if study == "dies always":
            os._exit(7)
        if study == "waits":
            time.sleep(600)
        if study == "is deleted" and third:
            optuna.delete_study(study_name=study, storage=self._setup.url)
        if study == "cannot be written":  # as a database on a full disk
            with closing(sqlite3.connect(self._setup.url.removeprefix("sqlite:///"))) as database:
                database.execute(
                    "CREATE TRIGGER IF NOT EXISTS full BEFORE UPDATE ON trials "
                    "BEGIN SELECT RAISE(FAIL, 'disk full'); END"
                )
                database.commit()
        if study == "stalls" and third:
            others = optuna.load_study(study_name=study, storage=self._setup.url)
            others.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if study == "fails always" or (study == "fails" and third):
            raise ValueError(f"no luck with trial {trial.number}")
        if study == "cannot go on":
            raise UserError(f"no luck with trial {trial.number}")
        return False

    def _values(self, trial: Trial, *, diverged: bool) -> Sequence[float]:
        del diverged
        return [0.9, 20.0][: len(trial.study.directions)]


def work(connection: Connection, setup: Setup, device: str, threads: int) -> None:
    """A worker with stand-ins for its trials."""
    worker.work(connection, setup, device, threads, StandIn)


def begin(number: int) -> Begin:
    """The first line of a trial's log."""
    return Begin(
        identity=f"identity {number}", key=f"trial {number}", variant="sweep", seed=0,
        kind="training", params={}, data={}, source={}, environment={}, timing=Timing(0.0),
        tags={"optuna.trial": str(number)},
    )  # fmt: skip


def points(study: Study, *states: str) -> list[dict]:
    """What the trials in these states tried."""
    return [dict(trial.params) for trial in study.trials if trial.state.name in states]
