"""An image file as a mask of the defect."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.decoded import decode


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Which pixels of an image lie in the defect, [H, W], upright as the image is.

    The rule: a pixel is in the defect where it is not black, that is, where any of its colour
    channels is above 0; numbers of classes (0, 1, 2 ...), 255 and 16-bit levels are all alike,
    and a palette counts by its colours, not by its numbers. In a JPEG, which leaves faint traces
    around every edge, above 127. Where the colours are the same all over and alpha is not, the
    shape was drawn in alpha, and alpha above 0 is the defect; else alpha is disregarded.

    Raises:
        UserError: as `read_picture`; and for WebP and JPEG 2000, which do not tell whether they
            have such traces.
    """
    decoded = decode(path)
    if decoded.lossy is None:
        raise UserError(f"{path}: a mask in this format may not be exact; save it as PNG")
    colours = decoded.colours()
    alpha = decoded.alpha()
    if alpha is not None and _varies(alpha[..., None]) and not _varies(colours):
        return np.asarray(alpha > 0)
    least = 127 if decoded.lossy else 0
    return np.asarray((colours > least).any(axis=-1))


def _varies(channels: NDArray[np.uint8] | NDArray[np.uint16]) -> bool:
    """Whether [H, W, C] holds more than one colour."""
    return bool((channels != channels[:1, :1]).any())
