"""Every finished log into the store: after a clone, a restored run, or a store that was down."""

from collections.abc import Callable, Iterable
from pathlib import Path

from mlflow import MlflowClient

from dagm_transfer.places import WorkPlaces
from dagm_transfer.tracking.recorder import Draw, MlflowRecorder
from dagm_transfer.training.recorder import Begin, End, Event, read_log

KINDS = ("training", "layers")  # a run has to be there before its layers


def finished_logs(project: Path, work: WorkPlaces) -> list[list[Event]]:
    """The finished logs of a project, each once: trainings first, then layers, by time."""
    paths = [
        *sorted((project / "reports" / "runs").glob("*.jsonl")),
        *sorted((project / "reports" / "layers").glob("*.jsonl")),
        *sorted(work.logs.glob("*.jsonl")),
    ]
    found: dict[tuple[str, str], list[Event]] = {}
    for path in paths:
        events = read_log(path)
        if events and isinstance(events[0], Begin) and isinstance(events[-1], End):
            found.setdefault((events[0].kind, events[0].identity), events)
    return sorted(found.values(), key=_order)


def replay(
    logs: Iterable[list[Event]],
    client: MlflowClient,
    experiment_id: str,
    work: WorkPlaces,
    draw: Draw,
    on_log: Callable[[Begin], None],
) -> None:
    """Put the logs into the store; those that are there already change nothing."""
    recorder = MlflowRecorder(client, experiment_id, work, live=False, draw=draw)
    for events in logs:
        begin = events[0]
        assert isinstance(begin, Begin)
        on_log(begin)
        for event in events:
            recorder.record(event)


def _order(events: list[Event]) -> tuple[int, float]:
    begin = events[0]
    assert isinstance(begin, Begin)
    return KINDS.index(begin.kind), begin.time
