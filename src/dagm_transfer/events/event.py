"""What a run says while it goes: `Begin`, an `Evaluation` every so many iterations, `End`.

The log on disk is the record (events/log.py); a tracking server or a terminal are other listeners.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Metrics = Mapping[str, float]
TRAINING, JUDGING, LAYERS = KINDS = ("training", "judging", "layers")  # of logs


@dataclass(frozen=True)
class Timing:
    """When an event happened, and what else would be another in the next run of the same.

    Speeds, and where the run comes from (commit, stage). Kept in a file beside the log, so that
    equal runs have equal logs.
    """

    time: float
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Begin:
    """Who the run is.

    `identity` digests what was asked for, `environment` names what its numbers depend on besides
    (see events/identity.py). `kind` is one of KINDS: several logs may tell of
    one run. `tags` say what it belongs to, such as the trial of a sweep.
    """

    identity: str
    environment: Mapping[str, str]
    key: str
    variant: str
    seed: int
    kind: str
    params: Mapping[str, Any]
    data: Mapping[str, Any]
    source: Mapping[str, str]
    timing: Timing
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """Metrics at a step: an iteration, or a depth where the metrics are of layers."""

    step: int
    metrics: Metrics
    timing: Timing


@dataclass(frozen=True)
class End:
    """What came out, known once: metrics and tags, and the iteration that the run ended at."""

    step: int
    metrics: Metrics
    tags: Mapping[str, str]
    timing: Timing


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

    @property
    def evaluations(self) -> list[Evaluation]:
        """Those of them that are evaluations."""
        return [event for event in self.events if isinstance(event, Evaluation)]


def record_all(recorders: Iterable[Recorder], event: Event) -> None:
    """Give one event to each recorder."""
    for recorder in recorders:
        recorder.record(event)
