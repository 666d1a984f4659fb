"""Images drawn here, in DAGM's style and layout."""

from collections.abc import Callable
from pathlib import Path

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.kinds.dagm import layout
from dagm_transfer.data.kinds.record import Record
from dagm_transfer.data.kinds.synthetic.write import write_dataset
from dagm_transfer.data.settings import Data


class Synthetic:
    """DAGM-style images: as many as asked for, so none are ever missing."""

    title = "DAGM-style synthetic images"

    def acquire(
        self, data: Data, raw: Path, workers: int, on_image: Callable[[int, int], None]
    ) -> None:
        """Draw them."""
        write_dataset(
            raw,
            textures=data.textures,
            normal=data.synthetic.normal,
            defective=data.synthetic.defective,
            seed=data.synthetic.seed,
            size=data.synthetic.size,
            workers=workers,
            on_image=on_image,
        )

    def groups(self, data: Data) -> dict[str, int]:
        """A group a texture."""
        return {layout.group_name(texture): texture for texture in data.textures}

    def index(self, data: Data, raw: Path) -> list[Record]:
        """Every image, in the official layout."""
        return layout.index(raw, data.textures)

    def weak_label(self, raw: Path, record: Record) -> Ellipse | None:
        """From its mask."""
        return layout.weak_label(raw, record)

    def missing(self, data: Data) -> dict[str, str]:
        """Nothing."""
        del data
        return {}
