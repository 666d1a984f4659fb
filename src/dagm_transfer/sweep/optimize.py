"""The parent of a sweep's workers: it hands out turns until enough trials are complete.

A turn is one trial of `Study.optimize` in a worker process. What came of it the parent reads in the
study, so the number of trials is met exactly, whatever becomes of a worker.
"""

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context

from optuna import Study
from optuna.trial import TrialState

from dagm_transfer.core.errors import UserError
from dagm_transfer.sweep.objective import Setup
from dagm_transfer.sweep.search_space import is_inside
from dagm_transfer.sweep.storage import retry
from dagm_transfer.sweep.study import CALL, ERROR, error_of, fail_lost, is_repeated
from dagm_transfer.sweep.trials import summary
from dagm_transfer.sweep.worker import Turn, work

FAILURES = 5  # in a row, and the sweep ends: the next ones would fail as well
PATIENCE = 5.0  # seconds for an idle worker to end
TICK = 1.0  # seconds between two looks at the clock
Work = Callable[[connection.Connection, Setup, str, int], None]


class Optimization:
    """One call of a sweep: its workers, and what their trials came to.

    Args:
        study: that the workers add to.
        setup: what the trials have in common.
        on_trial: told the number of each trial that ended, and what came of it.
        work: what a worker process runs.

    Attributes:
        completed: how many trials were trained; `pruned` says how many of them were ended early.
        failed: how many were not; `lost` says how many of them were lost with their process.
        exhausted: whether every point of the space was tried.
        cut_off: whether a worker was ended in the midst of something.
    """

    def __init__(
        self,
        study: Study,
        setup: Setup,
        on_trial: Callable[[int, str], None],
        work: Work = work,
    ):
        self._study, self._setup, self._on_trial, self._work = study, setup, on_trial, work
        self._workers: list[_Worker] = []
        self._told: set[int] = set()
        self._failures: dict[int, str] = {}  # since the last success, by trial
        self.completed = self.pruned = self.failed = self.lost = 0
        self.exhausted = self.cut_off = False

    def run(self, crew: Sequence[tuple[str, int]], trials: int, timeout: float | None) -> None:
        """Add so many completed trials to the study, fewer only where time or points run out.

        Args:
            crew: device and threads of each worker; one that dies is started anew.
            trials: to complete; pruned ones count.
            timeout: seconds after which no further trial begins.

        Raises:
            UserError: several trials in a row failed, or no trial can go on.
            KeyboardInterrupt: the trials in hand have failed, and are to be tried again.
        """
        deadline = time.monotonic() + timeout if timeout is not None else float("inf")
        try:
            self.lost += fail_lost(self._study, retries=None)  # by a parent that was killed
            needed = crew[: max(0, trials)]
            self._workers += [_Worker(self._work, self._setup, *place) for place in needed]
            while True:
                in_hand = sum(worker.busy for worker in self._workers)
                enough = self.completed + in_hand >= trials or time.monotonic() > deadline
                idle = [worker for worker in self._workers if worker.idle]
                if idle and not enough and not self.exhausted:
                    idle[0].take_turn()
                elif not in_hand and (enough or self.exhausted):
                    return
                else:
                    self._listen()
        except UserError:
            self._settle()
            with suppress(Exception):  # the study itself can be gone
                self._retry_failed()
            raise
        except KeyError as error:
            raise UserError(f"study {self._setup.study}: was deleted while it ran") from error
        finally:
            self._settle()

    def _settle(self) -> None:
        """End the workers, and take account of what they had in hand; twice changes nothing."""
        self.cut_off = any(worker.busy for worker in self._workers)
        for worker in self._workers:
            worker.end()
        with suppress(Exception):  # a database that is gone: the next call finds them lost
            self.lost += fail_lost(self._study, retries=None)
            self._count()

    def _listen(self) -> None:
        """Take what the workers say within a moment."""
        ready = connection.wait([worker.connection for worker in self._workers], TICK)
        for place, worker in enumerate(self._workers):
            if worker.connection not in ready:
                continue
            turn, told = Turn(), len(self._told)
            try:
                turn = worker.connection.recv()
            except (EOFError, OSError):
                worker.end()
                self._workers[place] = _Worker(self._work, self._setup, *worker.place)
                self.lost += fail_lost(self._study)
                turn = Turn(failure=f"a worker ended with {worker.process.exitcode}")
            else:
                worker.idle, worker.busy = True, False
            self.exhausted, fatal = turn.exhausted, turn.fatal
            self._count()
            if turn.failure and len(self._told) == told:  # of no trial that the study knows
                self._failures[-1 - len(self._failures)] = turn.failure
            if not fatal and len(self._failures) >= FAILURES:
                fatal = f"{FAILURES} trials in a row failed: {[*self._failures.values()][-1]}"
            if fatal:
                raise UserError(fatal)

    def _count(self) -> None:
        """Take account of the trials of this call that ended meanwhile."""
        for trial in self._study.get_trials():
            mine = trial.user_attrs.get(CALL) == self._setup.call
            if not mine or trial.number in self._told or not trial.state.is_finished():
                continue
            self._told.add(trial.number)
            if is_repeated(trial):
                continue
            self.failed += (failed := trial.state == TrialState.FAIL)
            self.completed += not failed
            self.pruned += trial.state == TrialState.PRUNED
            self._on_trial(trial.number, summary(trial))
            if failed and is_inside(trial.params, self._setup.params.sweep.space):
                self._failures[trial.number] = error_of(trial)
            elif not failed:
                self._failures.clear()

    def _retry_failed(self) -> None:
        """Have the failures in a row tried again: once a full disk, say, is mended they go well."""
        for trial in self._study.get_trials():
            if trial.number in self._failures and ERROR in trial.user_attrs:
                retry(self._study, trial, None)


class _Worker:
    """A worker process as its parent sees it; it is neither idle nor busy while it starts."""

    def __init__(self, work: Work, setup: Setup, device: str, threads: int):
        self.place, self.idle, self.busy = (device, threads), False, False
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        arguments = (theirs, setup, device, threads)
        self.process = context.Process(target=work, args=arguments, daemon=True)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all: the parent
        self.process.start()  # ends its workers, also while they start
        signal.signal(signal.SIGINT, before)
        theirs.close()  # or the end of the worker would not be seen

    def take_turn(self) -> None:
        """Have it run one trial; where it is gone the next look finds it so."""
        self.idle, self.busy = False, True
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(None)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        if self.idle:  # it ends by itself, and removes its lock
            self.process.join(PATIENCE)
        self.process.kill()
        self.process.join()
