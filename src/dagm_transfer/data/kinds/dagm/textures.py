"""What imported and drawn images of DAGM's textures have in common."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import model_validator

from dagm_transfer.core.section import Section
from dagm_transfer.data.kinds.dagm.release import group_name
from dagm_transfer.data.raw_index import records_of
from dagm_transfer.data.record import Record


class Textures(Section):
    """Textures by their numbers, each a group; which numbers there are says the kind."""

    subject: ClassVar[str] = "textures"

    textures: list[int]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.textures)) != len(self.textures):
            raise ValueError("textures: a texture stands twice")
        return self

    def groups(self, raw: Path) -> dict[str, int]:
        """A group a texture."""
        del raw
        return {group_name(texture): texture for texture in self.textures}

    def index(self, raw: Path) -> list[Record]:
        """The images of the textures that are asked for."""
        return records_of(raw, list(self.groups(raw)))
