"""Whole images at the network's input size; the filter changes what is left of fine texture."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

Filter = Literal["antialias", "bilinear", "nearest"]


def resize(pixels: NDArray[np.uint8], size: int, kind: Filter) -> NDArray[np.uint8]:
    """A grey image [H, W] at [size, size].

    `antialias` weighs every pixel that falls under an output pixel (a triangle filter as wide as
    the scale), `bilinear` the four nearest, `nearest` takes one. From 512 to 224 the deviation of
    DAGM's texture 1 falls from about 28 to 13, 21 and 28.

    >>> resize(np.array([[0, 100], [100, 200]], np.uint8), 1, "antialias").tolist()
    [[100]]
    """
    grey = torch.from_numpy(pixels.astype(np.float32))[None, None]
    mode = "nearest" if kind == "nearest" else "bilinear"
    resized = torch.nn.functional.interpolate(
        grey,
        size=(size, size),
        mode=mode,
        align_corners=None if kind == "nearest" else False,
        antialias=kind == "antialias",
    )
    result: NDArray[np.uint8] = resized[0, 0].round().clamp(0, 255).byte().numpy()
    return result
