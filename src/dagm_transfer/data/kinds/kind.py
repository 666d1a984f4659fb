"""What the pipeline asks of a kind of data, and the kinds there are."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.kinds.dagm.kind import Dagm
from dagm_transfer.data.kinds.record import Record
from dagm_transfer.data.kinds.synthetic.kind import Synthetic
from dagm_transfer.data.settings import Data

Progress = Callable[[int, int], None]


class Kind(Protocol):
    """One kind of data.

    Attributes:
        title: what the images are, in words.
    """

    title: str

    def acquire(self, data: Data, raw: Path, workers: int, on_image: Progress) -> None:
        """Put the raw images at `raw`.

        Raises:
            UserError: they cannot be had, or are incomplete.
        """

    def groups(self, data: Data) -> dict[str, int]:
        """The groups in the order of their labels, each with the number that seeds its drawings."""

    def index(self, data: Data, raw: Path) -> list[Record]:
        """Every image below `raw`, in a fixed order."""

    def weak_label(self, raw: Path, record: Record) -> Ellipse | None:
        """The ellipse around the defect; None for normal images and where a label is empty."""

    def missing(self, data: Data) -> dict[str, str]:
        """What the groups lack against the whole release, in words; empty where they are whole."""


def kinds(incoming: Path, imported: Path) -> Mapping[str, Kind]:
    """The kinds by the name that params.yaml calls them by.

    Args:
        incoming: where imported images lie.
        imported: the manifest that describes them.
    """
    return {"synthetic": Synthetic(), "dagm": Dagm(incoming, imported)}
