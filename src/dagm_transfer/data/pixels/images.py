"""An image file as grey levels, and levels of any depth as bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.decoded import Decoded, Levels, decode

Trait = Literal["colour", "transparent", "turned", "frames", "deep", "palette"]

SAID: Final[Mapping[Trait, str]] = {
    "colour": "colour is read as grey",
    "transparent": "transparency is disregarded: the colours below it are read",
    "turned": "turned upright, as the EXIF orientation says",
    "frames": "more than one frame or page: the first is read",
    "deep": "colour of 16 bits a channel is read by its upper 8",
    "palette": "a palette: its colours are read",
}

DEPTHS = (8, 10, 12, 14, 16)  # bits a pixel of cameras


@dataclass(frozen=True)
class Picture:
    """An image file as it is.

    Attributes:
        levels: Grey levels at the file's own depth, uint8 or uint16 [H, W], upright.
        traits: What was done or passed over to get there; `SAID` has the sentences.
    """

    levels: Levels
    traits: frozenset[Trait]


def read_picture(path: Path) -> Picture:
    """An image at its own depth, with what a person should know of how it was read.

    Raises:
        UserError: the file is absent, torn or no image, too large, or its pixels are deeper than
            16 bits.
    """
    decoded = decode(path)
    holds: dict[Trait, bool] = {
        "colour": _coloured(decoded),
        "transparent": _transparent(decoded),
        "turned": decoded.turned,
        "frames": decoded.frames,
        "deep": decoded.deep,
        "palette": decoded.palette,
    }
    return Picture(decoded.grey(), frozenset(trait for trait, held in holds.items() if held))


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """An image of 8 bits a pixel as grey bytes [H, W], upright.

    Raises:
        UserError: as `read_picture`, and where a pixel has more than 8 bits.
    """
    levels = decode(path).grey()
    if levels.dtype != np.uint8:
        raise UserError(f"{path}: more than 8 bits a pixel; `dagm import` brings such images to 8")
    return levels.astype(np.uint8, copy=False)


def bits_of(largest: int) -> int:
    """The least of 8, 10, 12, 14 and 16 bits that hold the largest level of a whole set.

    A set has one depth: what is dark in one of its images stays darker than the others.

    Raises:
        ValueError: no such depth holds it.

    Example:
        >>> bits_of(255), bits_of(256), bits_of(4095), bits_of(65535)
        (8, 10, 12, 16)
    """
    for bits in DEPTHS:
        if 0 <= largest < 1 << bits:
            return bits
    raise ValueError(f"no level of an image: {largest}")


def to_bytes(levels: Levels, bits: int) -> NDArray[np.uint8]:
    """Levels of a set as bytes: their upper 8 bits.

    What was 8 bits before it was saved deeper is the same again, whether it was spread
    (`v * 257` at 16 bits) or shifted (`v * 16` at 12). A file of 8 bits in a deeper set is bytes
    already and stays as it is.

    Args:
        levels: uint8 or uint16, any shape.
        bits: Of the whole set, from `bits_of`.

    Raises:
        ValueError: a level does not fit the bits, or there is no such depth.

    Example:
        >>> to_bytes(np.array([0, 16, 4095], np.uint16), 12).tolist()
        [0, 1, 255]
    """
    if bits not in DEPTHS:
        raise ValueError(f"{bits} bits: one of {DEPTHS} is meant")
    if levels.dtype == np.uint8:
        return levels.astype(np.uint8, copy=False)
    largest = int(levels.max(initial=0))
    if largest >> bits:
        raise ValueError(f"level {largest} does not fit {bits} bits")
    return (levels >> (bits - 8)).astype(np.uint8)


def _coloured(decoded: Decoded) -> bool:
    """Whether a channel differs from another: grey that was saved as RGB loses nothing."""
    colours = decoded.colours()
    return bool((colours[..., :1] != colours[..., 1:]).any())


def _transparent(decoded: Decoded) -> bool:
    """Whether alpha says something.

    The colours count as they were recorded, under any alpha: a camera sees no transparency, so
    alpha is a program's doing (a cut-out, an export with an empty channel). Laid on black or
    white, it would draw an edge into the texture that the part never had, and such edges are what
    defects look like. An alpha that is the same everywhere, opaque or not, says nothing.
    """
    alpha = decoded.alpha()
    return alpha is not None and bool((alpha != alpha.flat[0]).any())
