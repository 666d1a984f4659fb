"""Where in a mask the defect is: the places that patches are cut around."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

Middle = tuple[float, float]  # x, y

NEAR = 5  # pixels; a thin ellipse of DAGM's is a row of dots, and none may lie at its middle
TOUCHING = np.ones((3, 3))  # pixels that meet at a corner are one part
SPECK = 100  # a part so many times smaller than the largest is a slip of the labelling tool


def middles_of(mask: NDArray[np.bool_]) -> tuple[Middle, ...]:
    """The middle of a defect where the defect is there, else of each of its parts, largest first.

    Between two scratches or inside a ring there is nothing that a patch could be called defective
    for. A part whose own middle lies beside it has the nearest of its pixels.

    Args:
        mask: [height, width] bool, not empty.

    Example:
        >>> mask = np.zeros((9, 50), bool)
        >>> mask[2:5, 1:4] = mask[4:9, 40:45] = True
        >>> middles_of(mask)
        ((42.0, 6.0), (2.0, 3.0))
    """
    ys, xs = np.nonzero(mask)
    middle, distance, _ = _middle(ys, xs)
    if distance <= NEAR:
        return (middle,)
    parts = label(mask, TOUCHING)[0][ys, xs]
    order = np.argsort(parts, kind="stable")
    ends = np.cumsum(np.bincount(parts)[1:])[:-1]
    found = list(zip(np.split(ys[order], ends), np.split(xs[order], ends), strict=True))
    found.sort(key=lambda part: -len(part[0]))
    large = [part for part in found if SPECK * len(part[0]) > len(found[0][0])]
    return tuple(
        middle if distance <= NEAR else nearest
        for middle, distance, nearest in (_middle(*part) for part in large)
    )


def _middle(ys: NDArray[np.intp], xs: NDArray[np.intp]) -> tuple[Middle, float, Middle]:
    """The mean of pixels, how far the nearest of them is from it, and which that is."""
    x, y = float(xs.mean()), float(ys.mean())
    distances = np.hypot(xs - x, ys - y)
    nearest = distances.argmin()
    return (x, y), float(distances[nearest]), (float(xs[nearest]), float(ys[nearest]))
