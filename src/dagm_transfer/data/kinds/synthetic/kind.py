"""Images drawn here, in DAGM's style and layout."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dagm_transfer.core.section import Count, Section, Seed
from dagm_transfer.data.kinds.dagm.release import group_name
from dagm_transfer.data.kinds.kind import Progress
from dagm_transfer.data.kinds.synthetic.write import write_dataset
from dagm_transfer.data.paths import Places
from dagm_transfer.data.raw_index import records_of
from dagm_transfer.data.record import Record

TextureNumber = Annotated[int, Field(ge=1, le=6)]


class Synthetic(Section):
    """DAGM-style images: as many as asked for, so none are ever missing.

    Attributes:
        textures: of the six that the generator draws.
        normal: images a texture.
        defective: images a texture.
        size: of the images, pixels.
        seed: of everything random.
    """

    title: ClassVar[str] = "DAGM-style synthetic images"
    subject: ClassVar[str] = "textures"

    kind: Literal["synthetic"]
    textures: Annotated[list[TextureNumber], Field(min_length=1)]
    normal: Count
    defective: Count
    size: Annotated[int, Field(ge=96, le=512)]
    seed: Seed

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.textures)) != len(self.textures):
            raise ValueError("textures: a texture stands twice")
        return self

    def acquire(self, places: Places, workers: int, on_image: Progress) -> None:
        """Draw them."""
        write_dataset(
            places.raw,
            textures=self.textures,
            normal=self.normal,
            defective=self.defective,
            seed=self.seed,
            size=self.size,
            workers=workers,
            on_image=on_image,
        )

    def groups(self, raw: Path) -> dict[str, int]:
        """A group a texture."""
        del raw
        return {group_name(texture): texture for texture in self.textures}

    def index(self, raw: Path) -> list[Record]:
        """All of them."""
        return records_of(raw, [group_name(texture) for texture in self.textures])

    def missing(self, imported: Path) -> dict[str, str]:
        """Nothing."""
        del imported
        return {}
