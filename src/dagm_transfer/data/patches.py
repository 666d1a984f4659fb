"""Patches at native resolution: where they are cut for training."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.data.middles import Middle

Corner = tuple[int, int]  # of a window: left, top


def patch_corners(
    shape: tuple[int, int],
    middles: Sequence[Middle],
    *,
    size: int,
    count: int,
    jitter: int,
    seed: list[int],
) -> list[Corner]:
    """Where the patches of one image are cut.

    A defective image's patches cover the middles of its weak label in turn, moved by up to `jitter`
    pixels each way and then back inside the image; a normal image's lie anywhere.

    Args:
        shape: height and width of the image.
        middles: of the parts of its weak label; none for a normal image.
        size: of a patch, in pixels.
        count: how many patches.
        jitter: pixels.
        seed: of the drawing; give each image its own.
    """
    height, width = shape
    random = np.random.default_rng(seed)
    if not middles:
        lefts = random.integers(0, width - size + 1, count)
        tops = random.integers(0, height - size + 1, count)
    else:
        moves = random.integers(-jitter, jitter + 1, (count, 2))
        around = np.resize(np.array([(round(x), round(y)) for x, y in middles]), (count, 2))
        lefts = np.clip(around[:, 0] - size // 2 + moves[:, 0], 0, width - size)
        tops = np.clip(around[:, 1] - size // 2 + moves[:, 1], 0, height - size)
    return [(int(left), int(top)) for left, top in zip(lefts, tops, strict=True)]


def grid_corners(shape: tuple[int, int], *, size: int, count: int, seed: list[int]) -> list[Corner]:
    """Where the patches of an image are cut whose defect is marked nowhere: by a grid.

    Patches lie side by side, the last ones end at the border; where they are more than `count`, so
    many are drawn. Each has its image's label, which may be wrong of it.

    Args:
        shape: height and width of the image.
        size: of a patch, in pixels.
        count: how many patches, at most.
        seed: of the drawing; give each image its own.
    """
    tops, lefts = (sorted({*range(0, length - size, size), length - size}) for length in shape)
    corners = [(left, top) for top in tops for left in lefts]
    chosen = np.random.default_rng(seed).permutation(len(corners))[:count]
    return [corners[place] for place in sorted(chosen)]


def cut(pixels: NDArray[np.uint8], corners: list[Corner], size: int) -> Iterator[NDArray[np.uint8]]:
    """The windows [size, size] of an image [H, W] at these corners."""
    for left, top in corners:
        yield pixels[top : top + size, left : left + size]
