"""Heat maps from the scores of an image's windows, laid over the image at its own resolution.

Colour says one thing, and the same in every picture: how far a place lies above the inspector's
threshold. What lies below it has no colour.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.judging.windows import Bytes, Corner, Floats

HEAT = (213, 94, 0)  # Okabe and Ito's vermillion
SPAN = 6.0  # log-odds above the threshold at which the colour is strongest
LEAST, MOST = 0.15, 0.65  # opacity at the threshold, and from SPAN on: the image stays visible


def heat_of_windows(
    shape: tuple[int, int], corners: Sequence[Corner], scores: Floats, size: int
) -> Floats:
    """Each pixel's heat: the mean of the scores of the windows that cover it.

    Args:
        shape: of the image, [H, W].
        corners: left and top of each window; it may reach beyond the image.
        scores: [windows], log-odds of defective.
        size: of a window, pixels.

    Returns:
        [H, W]; minus infinity where no window lies.

    >>> heat_of_windows((1, 3), [(0, 0), (1, 0)], np.array([1.0, 3.0]), 2).tolist()
    [[1.0, 2.0, 3.0]]
    """
    total, count = np.zeros(shape), np.zeros(shape)
    for (left, top), score in zip(corners, scores.tolist(), strict=True):
        total[top : top + size, left : left + size] += score
        count[top : top + size, left : left + size] += 1
    heat: Floats = np.divide(total, count, out=np.full(shape, -np.inf), where=count > 0)
    return heat


def opacity(heat: Floats, threshold: float) -> Floats:
    """How much of the colour lies over each pixel: none below the threshold, then ever more.

    >>> opacity(np.array([-1.0, 0.0, 3.0, 99.0]), 0.0).tolist()
    [0.0, 0.15, 0.4, 0.65]
    """
    rising = LEAST + (MOST - LEAST) * np.clip((heat - threshold) / SPAN, 0.0, 1.0)
    return np.where(heat >= threshold, rising, 0.0)


def laid_over(pixels: Bytes, heat: Floats, threshold: float) -> NDArray[np.uint8]:
    """A grey image [H, W] in colour [H, W, 3], with its heat over it.

    >>> laid_over(np.zeros((1, 1), np.uint8), np.array([[6.0]]), 0.0).tolist()
    [[[138, 61, 0]]]
    """
    share = opacity(heat, threshold)[..., None]
    mixed = (1.0 - share) * pixels[..., None] + share * np.array(HEAT)
    return np.asarray(np.rint(mixed), dtype=np.uint8)
