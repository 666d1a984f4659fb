"""Stage `acquire`: raw images under DVC, drawn here or taken from what was imported."""

from collections.abc import Callable
from pathlib import Path

from dagm_transfer.data.paths import Places
from dagm_transfer.data.settings import Data


def acquire(data: Data, *, root: Path, workers: int, on_image: Callable[[int, int], None]) -> None:
    """Put the raw images below `root`, where the pipeline runs.

    Raises:
        UserError: imported images are missing, incomplete or changed.
    """
    data.images.acquire(Places.below(root), workers, on_image)
