"""Whole images at the network's input size; the filter changes what is left of fine texture.

Everything here is numpy, so that images are resized alike where there is no torch.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Filter = Literal["antialias", "bilinear", "nearest"]


def resize(pixels: NDArray[np.uint8], size: int, kind: Filter) -> NDArray[np.uint8]:
    """A grey image [H, W] at [size, size].

    `antialias` weighs every pixel that falls under an output pixel (a triangle filter as wide as
    the scale), `bilinear` the two nearest each way, `nearest` takes one. From 512 to 224 the
    deviation of DAGM's texture 1 falls from about 28 to 13, 21 and 28.

    >>> resize(np.array([[0, 100], [100, 200]], np.uint8), 1, "antialias").tolist()
    [[100]]
    """
    height, width = pixels.shape
    down, across = _weights(height, size, kind), _weights(width, size, kind)
    # Rounded first: sums in another order would fall to either side of a half.
    resized = np.round(down @ pixels.astype(np.float64) @ across.T, 6)
    result: NDArray[np.uint8] = resized.round().clip(0, 255).astype(np.uint8)
    return result


@lru_cache(maxsize=4)  # the sides of images of one size; in a folder of any sizes memory stays
def _weights(length: int, size: int, kind: Filter) -> NDArray[np.float64]:
    """What each of `length` pixels gives to each of `size`: [size, length], rows add up to 1."""
    scale = length / size
    pixels = np.arange(length)
    if kind == "nearest":
        taken = np.minimum(np.floor(np.arange(size) * scale), length - 1)
        return np.asarray(pixels == taken[:, None], dtype=np.float64)
    middles = (np.arange(size) + 0.5) * scale - 0.5
    reach = 1.0
    if kind == "antialias":
        reach = max(scale, 1.0)
    else:
        middles = middles.clip(0, length - 1)  # beyond the border its last pixel counts
    weights = np.clip(1 - np.abs(pixels - middles[:, None]) / reach, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
