"""What a run says while it goes, and who listens.

A run is a sequence of events: `Begin` once, an `Evaluation` every so many iterations, `End` once.
The JSONL log on disk is the record; a tracking server or a terminal are other listeners.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from dagm_transfer.files import write_text

Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Begin:
    """Who the run is: `identity` digests its parameters, data, source and code."""

    identity: str
    key: str
    variant: str
    seed: int
    kind: str  # "training" or "layers": several logs may tell of one run
    params: Mapping[str, Any]
    data: Mapping[str, Any]
    source: Mapping[str, str]
    environment: Mapping[str, str]
    time: float


@dataclass(frozen=True)
class Evaluation:
    """Metrics at a step: an iteration, or a depth where the metrics are of layers."""

    step: int
    metrics: Metrics
    time: float


@dataclass(frozen=True)
class End:
    """What came out, known once: metrics and tags, and the iteration that the run ended at."""

    step: int
    metrics: Metrics
    tags: Mapping[str, str]
    time: float


Event = Begin | Evaluation | End


class Recorder(Protocol):
    """Anything that takes a run's events in their order."""

    def record(self, event: Event) -> None:
        """Take one event."""


class MemoryRecorder:
    """Keeps the events in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        """Append the event."""
        self.events.append(event)


class JsonlRecorder:
    """Appends each event to a file, one line each; lines are on disk when `record` returns."""

    def __init__(self, path: Path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def record(self, event: Event) -> None:
        """Append the event's line."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(to_line(event))

    def keep_until(self, step: int) -> list[Event]:
        """Drop what the log says of later steps, or half says; the events that stay."""
        kept: list[Event] = []
        for event in read_log(self.path):
            if isinstance(event, End) or (isinstance(event, Evaluation) and event.step > step):
                break
            kept.append(event)
        write_text(self.path, "".join(map(to_line, kept)))
        return kept


def to_line(event: Event) -> str:
    """An event as a line of JSON: an evaluation is `{"step", "metrics", "time"}`."""
    content = asdict(event)
    if not isinstance(event, Evaluation):
        content = {type(event).__name__.lower(): content}
    return json.dumps(content, allow_nan=False) + "\n"


def read_log(path: Path) -> list[Event]:
    """The events of a log; a last line that was cut short by a kill is passed over."""
    if not path.exists():
        return []
    events: list[Event] = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        content = json.loads(line)
        if "begin" in content:
            events.append(Begin(**content["begin"]))
        elif "end" in content:
            events.append(End(**content["end"]))
        else:
            events.append(Evaluation(**content))
    return events


def record_all(recorders: Iterable[Recorder], event: Event) -> None:
    """Give one event to each recorder."""
    for recorder in recorders:
        recorder.record(event)
