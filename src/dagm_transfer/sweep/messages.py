"""What a sweep's parent and its workers say to each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagm_transfer.events.event import Event
from dagm_transfer.params import Params


@dataclass(frozen=True)
class Equipment:
    """What a worker is started with.

    Args:
        params: what is trained.
        study: its name.
        identity: tells studies of one name apart.
        digests: of the data and the trunk that the study is about.
        device: to train on.
        threads: the worker's share of the cores.
        cache: folder of the outputs of frozen layers.
        provenance: what the logs say of where the trials come from.
    """

    params: Params
    study: str
    identity: str
    digests: Mapping[str, str]
    device: str
    threads: int
    cache: Path
    provenance: Mapping[str, str]


@dataclass(frozen=True)
class Task:
    """One trial to train."""

    number: int
    point: Mapping[str, Any]


@dataclass(frozen=True)
class Stop:
    """To a worker: end the trial in hand as it stands, and send its result."""


@dataclass(frozen=True)
class Result:
    """What a trial is worth: its last validation accuracy, and the iterations to the target.

    One that never gets to the target counts as its whole budget, and says so.
    """

    accuracy: float
    to_target: int
    reached: bool
    diverged: bool
    convergence: Mapping[str, float]
    completed = True

    @property
    def summary(self) -> str:
        """In words."""
        reached = f"after {self.to_target} iterations" if self.reached else "never"
        return f"{self.accuracy:.1%} on validation, the target {reached}"


@dataclass(frozen=True)
class Failure:
    """Why a trial came to no result; fatal where no other trial would come to one either."""

    error: str
    fatal: bool = False
    completed = False

    @property
    def summary(self) -> str:
        """In words."""
        return f"failed: {self.error}"


Message = Event | Result | Failure
