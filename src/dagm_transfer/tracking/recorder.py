"""A run's events in MLflow, as they come or replayed from a log: the same code for both."""

from collections.abc import Callable
from pathlib import Path

from dagm_transfer.files import digest_of
from dagm_transfer.processes import owner
from dagm_transfer.tables import to_csv
from dagm_transfer.tracking.entities import (
    DIGEST_LENGTH,
    Draw,
    log_figures,
    log_metrics,
    log_params,
    milliseconds,
    tags_of,
)
from dagm_transfer.tracking.store import Destination, end_dead_runs, runs_of
from dagm_transfer.training.recorder import Begin, End, Evaluation, Event

LAYERS = "layers.digest"


class TrainingRecorder:
    """Puts the events of a training into an experiment; a run that is there is left be.

    Args:
        place: where the run belongs.
        lock: that the process holds whose training this is: each evaluation is sent at once, and
            the run can be told to be dead. None for a log that is replayed.
        draw: the figures of a log.
        on_run: told the id of the run that is made.
    """

    def __init__(
        self,
        place: Destination,
        *,
        lock: Path | None,
        draw: Draw,
        on_run: Callable[[str], None] = lambda _: None,
    ):
        self._client, self._place = place.client, place
        self._lock, self._draw, self._on_run = lock, draw, on_run
        self._run_id: str | None = None  # None: not begun, ended, or in the store already
        self._events: list[Event] = []
        self._sent = 0

    def record(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, Begin):
            self._run_id = self._begin(event)
        self._events.append(event)
        if self._run_id is None:
            return
        if self._lock or isinstance(event, End):
            log_metrics(self._client, self._run_id, self._events[self._sent :])
            self._sent = len(self._events)
        if isinstance(event, End):
            for name, value in event.tags.items():
                self._client.set_tag(self._run_id, name, value)
            log_figures(self._client, self._run_id, self._draw(self._events))
            failed = event.tags.get("optuna.state") == "FAIL"
            status = "FAILED" if failed else "FINISHED"
            self._client.set_terminated(self._run_id, status, milliseconds(event.time))
            self._run_id = None

    def abandon(self) -> None:
        """End the run in hand as killed, where it was not ended."""
        if self._run_id:
            self._client.set_terminated(self._run_id, "KILLED")
            self._run_id = None

    def _begin(self, begin: Begin) -> str | None:
        known = runs_of(self._place, begin.identity)
        if any(run.info.status in {"FINISHED", "FAILED"} for run in known):
            return None
        for run in known:
            if run.info.status == "RUNNING":
                self._client.set_terminated(run.info.run_id, "KILLED")
        end_dead_runs(self._place)
        run = self._client.create_run(
            self._place.experiment_id,
            start_time=milliseconds(begin.time),
            run_name=begin.key,
            tags={
                **tags_of(begin),
                **self._place.tags,
                **(owner(self._lock) if self._lock else {}),
            },
        )
        log_params(self._client, run.info.run_id, begin)
        run_id: str = run.info.run_id
        self._on_run(run_id)
        return run_id


class LayersRecorder:
    """Puts the layer metrics of a finished run to it, once all are there; known ones are left be.

    Args:
        place: where the run lies.
        draw: the figures of a log.
    """

    def __init__(self, place: Destination, draw: Draw):
        self._client, self._place, self._draw = place.client, place, draw
        self._events: list[Event] = []

    def record(self, event: Event) -> None:
        """Take one event."""
        self._events.append(event)
        if isinstance(event, End):
            self._log(event)

    def abandon(self) -> None:
        """Nothing is held: the store hears of the layers once all are there."""

    def _log(self, end: End) -> None:
        begin = self._events[0]
        assert isinstance(begin, Begin), "a log begins with the run"
        known = runs_of(self._place, begin.identity)
        digest = digest_of(dict(end.metrics))[:DIGEST_LENGTH]
        for run in known:
            if run.info.status == "FINISHED" and run.data.tags.get(LAYERS) != digest:
                log_metrics(self._client, run.info.run_id, self._events)
                self._client.log_text(run.info.run_id, self._table(), "layers.csv")
                log_figures(self._client, run.info.run_id, self._draw(self._events))
                self._client.set_tag(run.info.run_id, LAYERS, digest)

    def _table(self) -> str:
        rows = [
            {"depth": e.step, **{name.removeprefix("layers/"): v for name, v in e.metrics.items()}}
            for e in self._events
            if isinstance(e, Evaluation)
        ]
        return to_csv(rows, [*rows[0]])
