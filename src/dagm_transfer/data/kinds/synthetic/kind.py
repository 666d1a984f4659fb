"""Images drawn here, in DAGM's style and layout."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dagm_transfer.core.section import Count, Seed
from dagm_transfer.data.kinds.dagm.textures import Textures
from dagm_transfer.data.kinds.kind import Progress
from dagm_transfer.data.kinds.synthetic.write import write_dataset
from dagm_transfer.data.paths import Places

TextureNumber = Annotated[int, Field(ge=1, le=6)]


class Synthetic(Textures):
    """DAGM-style images: as many as asked for, so none are ever missing.

    Attributes:
        textures: of the six that the generator draws.
        normal: images a texture.
        defective: images a texture.
        size: of the images, pixels.
        seed: of everything random.
    """

    title: ClassVar[str] = "DAGM-style synthetic images"

    kind: Literal["synthetic"]
    textures: Annotated[list[TextureNumber], Field(min_length=1)]
    normal: Count
    defective: Count
    size: Annotated[int, Field(ge=96, le=512)]
    seed: Seed

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

    def bits(self, imported: Path) -> int:
        """Eight."""
        del imported
        return 8

    def missing(self, imported: Path) -> dict[str, str]:
        """Nothing."""
        del imported
        return {}
