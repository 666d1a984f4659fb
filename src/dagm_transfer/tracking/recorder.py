"""A training in the store while it goes."""

from collections.abc import Callable
from pathlib import Path

from dagm_transfer.core.locks import owner
from dagm_transfer.events.event import TRAINING, Begin, End, Event
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.tracking.entities import Draw, log_metrics
from dagm_transfer.tracking.runs import ENDED, finish_run, start_run
from dagm_transfer.tracking.store import Destination, end_dead_runs, runs_of
from dagm_transfer.tracking.sync import sync_run


class TrainingRecorder:
    """Puts the events of a training into an experiment, one by one.

    Where the store has the run finished already, nothing is shown live; at the end the log is
    compared with what the store has.

    Args:
        place: where the run belongs.
        lock: that this process holds for the training: others can tell by it whether it lives.
        draw: the figures of a log.
        on_run: given the id of the run that is made.
    """

    def __init__(
        self,
        place: Destination,
        *,
        lock: Path,
        draw: Draw,
        on_run: Callable[[str], None] = lambda _: None,
    ):
        self._client, self._place = place.client, place
        self._lock, self._draw, self._on_run = lock, draw, on_run
        self._run_id: str | None = None  # None: not begun, ended, or in the store already
        self._events: list[Event] = []

    def record(self, event: Event) -> None:
        """Take one event."""
        self._events.append(event)
        if isinstance(event, Begin):
            self._run_id = self._begin(event)
        elif self._run_id:
            log_metrics(self._client, self._run_id, [event])
        if isinstance(event, End):
            self._end()

    def abandon(self) -> None:
        """End the run in hand as killed, where it was not ended."""
        if self._run_id:
            self._client.set_terminated(self._run_id, "KILLED")
            self._run_id = None

    def _begin(self, begin: Begin) -> str | None:
        known = runs_of(self._place, begin.identity, environment_digest(begin.environment))
        mine = owner(self._lock)
        for run in known:
            # Whoever ran it under this very lock is dead: this process holds it now.
            if run.info.status == "RUNNING" and mine.items() <= run.data.tags.items():
                self._client.set_terminated(run.info.run_id, "KILLED")
        end_dead_runs(self._place)
        if there := [run.info.run_id for run in known if run.info.status in ENDED]:
            self._on_run(there[0])
            return None
        run_id = start_run(self._place, begin, mine)
        self._on_run(run_id)
        return run_id

    def _end(self) -> None:
        if self._run_id:
            finish_run(self._client, self._run_id, self._events, self._draw)
            self._run_id = None
        else:
            sync_run(self._place, {TRAINING: self._events}, {TRAINING: self._draw})
