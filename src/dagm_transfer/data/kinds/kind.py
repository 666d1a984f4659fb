"""What the pipeline asks of a kind of data."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Protocol

from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.tree import Tree
from dagm_transfer.data.paths import Places
from dagm_transfer.data.record import Record

Progress = Callable[[int, int], None]


class Kind(Protocol):
    """One kind of data: its settings, and what can be done with them.

    Attributes:
        title: what the images are, in words.
    """

    title: ClassVar[str]

    @property
    def kind(self) -> str:
        """What params.yaml calls it."""

    @property
    def subject(self) -> str:
        """What the images show, as a plural."""

    def acquire(self, places: Places, workers: int, on_image: Progress) -> None:
        """Put the raw images and their index (data/raw_index.py) at `places.raw`.

        Raises:
            UserError: they cannot be had, or are incomplete.
        """

    def groups(self, raw: Path) -> dict[str, int]:
        """The groups in the order of their labels, each with the number that seeds its drawings."""

    def index(self, raw: Path) -> list[Record]:
        """The images below `raw` that these settings choose, in a fixed order."""

    def bits(self, imported: Path) -> int:
        """Bits a pixel of the images as they came; they are stored with 8, as `to_bytes` says."""

    def missing(self, imported: Path) -> Mapping[str, str]:
        """What the groups lack against the whole release, in words; empty where they are whole."""


class Importable(Protocol):
    """A kind whose images `dagm import` brings.

    Attributes:
        parts: what its groups are called, as a plural.
        layouts: the folders and files that it is recognised by, in words.
    """

    parts: ClassVar[str]
    layouts: ClassVar[str]

    @staticmethod
    def recognise(tree: Tree, good: frozenset[str] = frozenset()) -> str | None:
        """Why these files are of this kind, in words; None where they are not.

        Args:
            tree: the files.
            good: names of the class without defects, in lower case.
        """

    @staticmethod
    def plan(tree: Tree, good: frozenset[str]) -> Plan:
        """What of these files would be brought in, and as what.

        Args:
            tree: the files.
            good: names of the class without defects, in lower case.
        """

    @staticmethod
    def lacking(group: str, normal: int, defective: int) -> str | None:
        """What a group of so many images lacks against the whole release, in words."""
