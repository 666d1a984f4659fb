"""Images of DAGM 2007 that were imported, whole or in part."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.tree import Tree
from dagm_transfer.data.kinds.dagm import scan
from dagm_transfer.data.kinds.dagm.release import group_name, lacking, texture_of
from dagm_transfer.data.kinds.dagm.textures import Textures
from dagm_transfer.data.kinds.imported import (
    acquire_imported,
    imported_bits,
    imported_groups,
)
from dagm_transfer.data.kinds.kind import Progress
from dagm_transfer.data.paths import Places

TextureNumber = Annotated[int, Field(ge=1, le=10)]


class Dagm(Textures):
    """The ten textures of DAGM 2007; a part of them will do."""

    title: ClassVar[str] = "DAGM 2007 images"
    parts: ClassVar[str] = "textures"
    layouts: ClassVar[str] = (
        "DAGM 2007 as Class1/Train and Class1/Test with Label/Labels.txt, or, as it was first "
        "released, Class1 and Class1_def with labels.txt"
    )

    kind: Literal["dagm"]
    textures: Annotated[list[TextureNumber], Field(min_length=1)]
    allow_partial: bool

    @staticmethod
    def recognise(tree: Tree, good: frozenset[str] = frozenset()) -> str | None:
        """Class folders, in whichever layout."""
        del good  # DAGM has labels of its own
        return scan.recognise(tree)

    @staticmethod
    def plan(tree: Tree, good: frozenset[str]) -> Plan:
        """Every texture below the source."""
        del good  # DAGM has labels of its own
        return scan.plan(tree)

    @staticmethod
    def lacking(group: str, normal: int, defective: int) -> str | None:
        """Against the release."""
        return lacking(texture_of(group), normal, defective)

    def acquire(self, places: Places, workers: int, on_image: Progress) -> None:
        """Copy what was imported.

        Raises:
            UserError: textures are missing, incomplete or changed.
        """
        del workers, on_image
        missing = self.missing(places.imported)
        if missing and not self.allow_partial:
            group, said = next(iter(missing.items()))
            raise UserError(
                f"{group}: {said}; import the rest, or set data.images.allow_partial: true"
            )
        acquire_imported(places)

    def bits(self, imported: Path) -> int:
        """Those of the deepest import."""
        return imported_bits(imported)

    def missing(self, imported: Path) -> dict[str, str]:
        """Against the release.

        Raises:
            UserError: a texture was not imported.
        """
        present = imported_groups(imported, self.kind)
        missing: dict[str, str] = {}
        for texture in self.textures:
            group = group_name(texture)
            if group not in present:
                raise UserError(
                    f"data.images.textures: {group} was not imported; run `dagm import PATH` or "
                    f"choose from {', '.join(present)}"
                )
            if said := present[group].get("missing"):
                missing[group] = said
        return missing
