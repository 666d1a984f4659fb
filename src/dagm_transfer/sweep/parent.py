"""The parent of a sweep's workers: it alone asks the study for trials and tells it what came out.

So a number of trials is met exactly with any number of workers, a killed worker's trial is noticed
at once, and no worker touches the study's storage.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from multiprocessing import connection as pipes
from pathlib import Path
from typing import Any

from optuna import Study, Trial
from optuna.trial import TrialState

from dagm_transfer.core.errors import UserError
from dagm_transfer.events.event import End, Evaluation, Recorder, Timing
from dagm_transfer.events.log import JsonlRecorder, LogFiles
from dagm_transfer.sweep.hand import Hand, Work
from dagm_transfer.sweep.interrupts import held_back
from dagm_transfer.sweep.messages import Equipment, Failure, Message, Result
from dagm_transfer.sweep.settings import Sweep
from dagm_transfer.sweep.study import give_up, is_running, next_trial, pardon

LOST_TRIES = 3  # of a point whose worker dies: it may be the point that kills
FAILURES = 5  # in a row, and the sweep ends: the next ones would fail as well
TICK = 1.0  # seconds between two looks at heartbeats and the clock


OnTrial = Callable[[int, Mapping[str, Any], Result | Failure], None]


@dataclass
class Tally:
    """What one call of a sweep has done."""

    completed: int = 0
    pruned: int = 0  # of those
    failed: int = 0
    exhausted: bool = False  # every point of the space is done or in hand
    errors: dict[int, str] = field(default_factory=dict)  # of trials in a row, up to now
    fatal: str = ""  # why no trial can go on


@dataclass(frozen=True)
class Listeners:
    """Who hears of what.

    Args:
        recorders: who hears a trial's events besides its log; made for each trial.
        on_ask: called with each trial the moment that it is there: it is to be seen to live.
        on_trial: told of each trial that ended its number, its point, and its result.
        on_tick: called about every second with the trials that are in hand.
    """

    recorders: Callable[[Trial], Sequence[Recorder]]
    on_ask: Callable[[Trial], None]
    on_trial: OnTrial
    on_tick: Callable[[Sequence[Trial]], None]


def run_trials(
    study: Study,
    sweep: Sweep,
    workers: Sequence[Equipment],
    work: Work,
    *,
    trials: int,
    timeout: float | None,
    logs: Path,
    listeners: Listeners,
) -> Tally:
    """Add so many completed trials to the study, fewer only where time or points run out.

    Args:
        study: asked and told.
        sweep: what it tries.
        workers: one process each; one that dies is started anew.
        work: what such a process runs.
        trials: to complete; pruned ones count.
        timeout: seconds after which no further trial begins.
        logs: folder of the trials' event logs.
        listeners: who hears of what.

    Raises:
        UserError: several trials in a row failed, or no trial can go on.
        KeyboardInterrupt: after the trials in hand went back into the queue.
    """
    parent = _Parent(study, sweep, [Hand(entry, work) for entry in workers], logs, listeners)
    deadline = None if timeout is None else time.monotonic() + timeout
    with held_back() as let_interrupt_through:
        try:
            while True:
                let_interrupt_through()
                in_time = deadline is None or time.monotonic() < deadline
                if in_time:
                    parent.hand_out(trials)
                if not parent.busy():
                    return parent.tally
                parent.listen()
                _check(parent.tally, study)
        finally:
            parent.close()


def _check(tally: Tally, study: Study) -> None:
    if tally.fatal:
        raise UserError(tally.fatal)
    if len(tally.errors) >= FAILURES:
        # A full disk, a GPU that others use: once that is mended these points may go well.
        pardon(study, tally.errors)
        raise UserError(f"{FAILURES} trials in a row failed: {[*tally.errors.values()][-1]}")


class _Parent:
    def __init__(
        self,
        study: Study,
        sweep: Sweep,
        hands: list[Hand],
        logs: Path,
        listeners: Listeners,
    ):
        self._study, self._sweep, self._hands = study, sweep, hands
        self._logs, self._listeners = logs, listeners
        self.tally = Tally()

    def busy(self) -> list[Hand]:
        return [hand for hand in self._hands if hand.trial]

    def hand_out(self, trials: int) -> None:
        """Give each idle worker a trial, as long as not enough are done or in hand."""
        for hand in self._hands:
            if hand.trial or self.tally.completed + len(self.busy()) >= trials:
                continue
            trial = next_trial(self._study, self._sweep, self._listeners.on_ask)
            if trial is None:
                self.tally.exhausted = True
                return
            hand.take(trial)
            log = JsonlRecorder(LogFiles.at(self._logs / f"trial-{trial.number:04d}.jsonl"))
            hand.begin([log, *self._listeners.recorders(trial)])

    def listen(self) -> None:
        """Take what the workers say within a moment."""
        held = {hand.connection: hand for hand in self.busy() if hand.connection}
        ready = pipes.wait(list(held), TICK)
        for connection, hand in held.items():
            if connection in ready:
                try:
                    message = connection.recv()
                except (EOFError, OSError):
                    self._lost(hand)
                else:
                    self._take(hand, message)
        self._listeners.on_tick([hand.trial for hand in self.busy() if hand.trial])

    def close(self) -> None:
        """End the workers; what they still have in hand goes back into the queue."""
        for hand in self._hands:
            hand.end()
        for hand in self.busy():
            # A database that is gone cannot be told; who comes next takes the trial over.
            with suppress(Exception):
                self._fail(hand, Failure("interrupted"), tries=inf)

    def _take(self, hand: Hand, message: Message) -> None:
        if isinstance(message, Result):
            self._complete(hand, message)
        elif isinstance(message, Failure):
            assert hand.trial
            self.tally.errors[hand.trial.number] = message.error
            self.tally.fatal = message.error if message.fatal else ""
            self._fail(hand, message, tries=inf if message.fatal else 0)
            hand.end()  # what made this trial fail may sit in the process
        else:
            hand.record(message)
            if isinstance(message, Evaluation) and len(self._study.directions) == 1:
                self._prune(hand, message)

    def _prune(self, hand: Hand, evaluation: Evaluation) -> None:
        assert hand.trial
        if not is_running(self._study, hand.trial.number):
            return
        hand.trial.report(evaluation.metrics["val/accuracy"], evaluation.step)
        if not hand.stopped and hand.trial.should_prune():
            hand.stop()

    def _complete(self, hand: Hand, result: Result) -> None:
        assert hand.trial
        trial, state = hand.trial, TrialState.PRUNED if hand.stopped else TrialState.COMPLETE
        if not is_running(self._study, trial.number):
            # Slept or cut off for too long: whoever took it for lost has it trained again.
            self._fail(hand, Failure("another process took it for lost"), tries=0)
            return
        trial.set_user_attr("reached target", result.reached)
        trial.set_user_attr("diverged", result.diverged)
        values = [result.accuracy, result.to_target][: len(self._study.directions)]
        self._study.tell(trial, None if hand.stopped else values, state)
        hand.trial = None
        self.tally.completed += 1
        self.tally.pruned += hand.stopped
        self.tally.errors.clear()
        metrics = {"sweep/accuracy": result.accuracy, "sweep/to_target": float(result.to_target)}
        self._end(hand, {**metrics, **result.convergence}, state.name, {
            "reached": str(result.reached).lower(),
            "diverged": str(result.diverged).lower(),
            "converged": str("convergence/iterations" in result.convergence).lower(),
        })  # fmt: skip
        self._listeners.on_trial(trial.number, trial.params, result)

    def _lost(self, hand: Hand) -> None:
        assert hand.process
        assert hand.trial
        hand.process.join()
        why = f"its worker, process {hand.process.pid}, ended with {hand.process.exitcode}"
        self.tally.errors[hand.trial.number] = why
        self._fail(hand, Failure(why), tries=LOST_TRIES)

    def _fail(self, hand: Hand, failure: Failure, *, tries: float) -> None:
        assert hand.trial
        trial, hand.trial = hand.trial, None
        self.tally.failed += 1
        self._end(hand, {}, TrialState.FAIL.name, {"error": failure.error})
        give_up(self._study, trial.number, failure.error, tries=tries)
        self._listeners.on_trial(trial.number, trial.params, failure)

    def _end(self, hand: Hand, metrics: dict[str, float], state: str, tags: dict[str, str]) -> None:
        now = Timing(time.time())
        hand.record(End(hand.step, metrics, {"optuna.state": state, **tags}, now))
