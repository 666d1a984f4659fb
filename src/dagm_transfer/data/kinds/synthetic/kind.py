"""Images drawn here, in DAGM's style and layout."""

from collections.abc import Callable
from pathlib import Path

from dagm_transfer.data.kinds.dagm.kind import DagmLayout
from dagm_transfer.data.kinds.synthetic.write import write_dataset
from dagm_transfer.data.settings import Data


class Synthetic(DagmLayout):
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

    def missing(self, data: Data) -> dict[str, str]:
        """Nothing."""
        del data
        return {}
