"""Every finished log into the store: after a clone, a restored run, or a store that was down."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from dagm_transfer.errors import one_line
from dagm_transfer.places import WorkPlaces
from dagm_transfer.tracking.entities import Draw
from dagm_transfer.tracking.recorder import LayersRecorder, TrainingRecorder
from dagm_transfer.tracking.store import Destination, open_store
from dagm_transfer.tracking.sweeps import STUDY, open_sweep
from dagm_transfer.training.recorder import Begin, End, Event, Recorder, read_log

KINDS = ("training", "layers")  # a run has to be there before its layers


def finished_logs(
    project: Path, work: WorkPlaces, warn: Callable[[str], None]
) -> list[list[Event]]:
    """The finished logs of a project, each once: trainings first, then layers, by time.

    A file that is no log is warned of; the others are read all the same.
    """
    paths = [
        *sorted((project / "reports" / "runs").glob("*.jsonl")),
        *sorted((project / "reports" / "layers").glob("*.jsonl")),
        *sorted((project / "reports" / "sweeps").glob("*/logs/*.jsonl")),
        *sorted(work.logs.glob("*.jsonl")),
    ]
    found: dict[tuple[str, str], list[Event]] = {}
    for path in paths:
        try:
            events = read_log(path)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            warn(f"{path}: left out, it is no event log ({one_line(error)})")
            continue
        if events and isinstance(events[0], Begin) and isinstance(events[-1], End):
            found.setdefault((events[0].kind, events[0].identity), events)
    return sorted(found.values(), key=_order)


def replay(
    logs: Iterable[list[Event]],
    work: WorkPlaces,
    draws: Mapping[str, Draw],
    on_log: Callable[[Begin], None],
) -> None:
    """Put the logs into the store; those that are there already change nothing.

    `draws` has the figures for each kind of log.
    """
    opened: dict[str, Destination] = {}
    for events in logs:
        begin = events[0]
        assert isinstance(begin, Begin)
        on_log(begin)
        study = begin.environment.get(STUDY, "")
        if study not in opened:
            opened[study] = open_sweep(work, study) if study else open_store(work)
        place, draw = opened[study], draws[begin.kind]
        recorder: Recorder = (
            LayersRecorder(place, draw)
            if begin.kind == "layers"
            else TrainingRecorder(place, lock=None, draw=draw)
        )
        for event in events:
            recorder.record(event)


def _order(events: list[Event]) -> tuple[int, float]:
    begin = events[0]
    assert isinstance(begin, Begin)
    return KINDS.index(begin.kind), begin.time
