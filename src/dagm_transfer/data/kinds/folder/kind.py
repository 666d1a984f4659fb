"""Images of the user's own that were imported."""

import hashlib
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.section import Section
from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.tree import Tree
from dagm_transfer.data.kinds.folder import scan
from dagm_transfer.data.kinds.imported import (
    acquire_imported,
    imported_bits,
    imported_groups,
)
from dagm_transfer.data.kinds.kind import Progress
from dagm_transfer.data.natural import natural
from dagm_transfer.data.paths import Places
from dagm_transfer.data.raw_index import read_index, records_of
from dagm_transfer.data.record import Record

Text = Annotated[str, Field(min_length=1)]


class Folder(Section):
    """Images of the user's own, in folders named after their classes or listed in a table.

    MVTec AD is such a folder too. Its training half has no defective images: a classifier of them
    has to be trained with `split.kind` holdout or fold.

    Attributes:
        chosen: the groups, in params.yaml `groups`; empty: all that were imported.
        subject: what the images show, as a plural.
    """

    title: ClassVar[str] = "imported images"
    parts: ClassVar[str] = "groups"
    layouts: ClassVar[str] = scan.LAYOUTS

    kind: Literal["folder"]
    # A method is called `groups` already.
    chosen: Annotated[list[Text], Field(alias="groups")]
    subject: Text

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.chosen)) != len(self.chosen):
            raise ValueError("groups: a group stands twice")
        return self

    @staticmethod
    def recognise(tree: Tree, good: frozenset[str] = frozenset()) -> str | None:
        """Folders of classes, with or without halves, or a table."""
        return scan.recognise(tree, good)

    @staticmethod
    def plan(tree: Tree, good: frozenset[str]) -> Plan:
        """Every image that has a class."""
        return scan.plan(tree, good)

    @staticmethod
    def lacking(group: str, normal: int, defective: int) -> str | None:
        """Nothing: there is no release to hold them against."""
        del group, normal, defective
        return None

    def acquire(self, places: Places, workers: int, on_image: Progress) -> None:
        """Copy what was imported.

        Raises:
            UserError: groups are missing, or images changed.
        """
        del workers, on_image
        self.missing(places.imported)
        acquire_imported(places)

    def groups(self, raw: Path) -> dict[str, int]:
        """The chosen groups, or all in natural order; their numbers depend on their names alone."""
        names = self.chosen or sorted({record.group for record in read_index(raw)}, key=natural)
        return {name: _number(name) for name in names}

    def index(self, raw: Path) -> list[Record]:
        """The images of these groups."""
        return records_of(raw, list(self.groups(raw)))

    def bits(self, imported: Path) -> int:
        """Those of the deepest import."""
        return imported_bits(imported)

    def missing(self, imported: Path) -> dict[str, str]:
        """Nothing: there is no release to hold them against.

        Raises:
            UserError: a chosen group was not imported.
        """
        present = imported_groups(imported, self.kind)
        for group in self.chosen:
            if group not in present:
                raise UserError(
                    f"data.images.groups: {group} was not imported; run `dagm import PATH` or "
                    f"choose from {', '.join(present)}"
                )
        return {}


def _number(name: str) -> int:
    """A number for a group, whatever other groups there are."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
