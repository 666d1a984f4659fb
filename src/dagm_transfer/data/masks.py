"""Masks of defects."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.data.images import read_pixels


def read_mask(path: Path) -> NDArray[np.bool_]:
    """A mask [H, W], True in the defect."""
    return read_pixels(path) > 0
