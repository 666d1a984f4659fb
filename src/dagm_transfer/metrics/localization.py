"""How well a heat map finds a defect, against its weak label."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def pixel_auroc(heat: Floats, mask: Bools) -> float:
    """Probability that a pixel of the defect is hotter than one beside it; ties count half.

    0.5 is chance; NaN where the mask is empty or covers the whole image. A weak label is larger
    than its defect: 1 is out of reach for a heat map that is right.

    Args:
        heat: [H, W].
        mask: [H, W], the weak label.

    Raises:
        ValueError: the shapes differ.

    >>> pixel_auroc(np.array([[0.1, 0.9], [0.2, 0.3]]), np.array([[False, True], [False, False]]))
    1.0
    """
    _check_shapes(heat, mask)
    inside = int(mask.sum())
    outside = mask.size - inside
    if not inside or not outside:
        return float("nan")
    ranks = rankdata(heat).reshape(heat.shape)
    return float((ranks[mask].sum() - inside * (inside + 1) / 2) / (inside * outside))


def pointing_game(heat: Floats, mask: Bools, tolerance: float = 0.0) -> float:
    """Whether the hottest pixel lies in the weak label, or within a tolerance of it: 1 or 0.

    Of several equally hot pixels the share that does. NaN where the mask is empty.

    Source: Zhang, Lin, Brandt, Shen, Sclaroff 2016.

    Args:
        heat: [H, W].
        mask: [H, W], the weak label.
        tolerance: in pixels; one cell of the layer that the heat map is of.

    Raises:
        ValueError: the shapes differ.

    >>> heat, mask = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[True, False], [False, False]])
    >>> pointing_game(heat, mask), pointing_game(heat, mask, tolerance=1.0)
    (0.0, 1.0)
    """
    _check_shapes(heat, mask)
    if not mask.any():
        return float("nan")
    near = distance_transform_edt(~mask) <= tolerance
    return float(near[heat == heat.max()].mean())


def _check_shapes(heat: Floats, mask: Bools) -> None:
    if heat.shape != mask.shape:
        raise ValueError(f"shapes differ: {heat.shape} and {mask.shape}")
