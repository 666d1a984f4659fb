"""How sure an average precision is: over the images that it was measured on."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dagm_transfer.metrics.detection import average_precision
from dagm_transfer.metrics.intervals import wilson_interval

RESAMPLES = 1000

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def resampled_average_precision(
    scores: Floats, defective: Bools, images: ArrayLike, seed: int = 0
) -> Floats:
    """Average precision on images drawn with replacement, [1000] (bootstrap, Efron 1979).

    Whole images are drawn, each with all its patches: those of one image are no independent
    witnesses. Equal seeds draw the same images, so that the difference between two networks that
    judged the same ones is that of their resamples. Draws without a defect are NaN.

    Args:
        scores: [N], larger where a defect is more likely.
        defective: [N].
        images: [N], names or numbers of the images that they come from.
        seed: of the drawing.

    Raises:
        ValueError: there are no scores, or not an image for each.

    >>> scores, defective = np.array([4.0, 3.0, 2.0, 1.0]), np.array([True, False, True, False])
    >>> drawn = resampled_average_precision(scores, defective, ["a", "b", "c", "d"])
    >>> round(float(np.nanmin(drawn)), 3), round(float(np.nanmax(drawn)), 3)
    (0.25, 1.0)
    """
    names = np.asarray(images)
    if scores.size == 0 or scores.shape != names.shape:
        raise ValueError(f"{scores.size} scores with {names.size} names of images")
    order = np.argsort(-scores, kind="stable")
    _, image = np.unique(names[order], return_inverse=True)
    total = int(image.max()) + 1
    random = np.random.default_rng(seed)
    drawn = random.multinomial(total, np.full(total, 1 / total), size=RESAMPLES)
    weights = drawn[:, image]
    # Equal scores are taken together: precision and recall are read where a score ends.
    ends = np.flatnonzero(np.append(np.diff(-scores[order]) > 0, True))
    everything = weights.cumsum(axis=1)[:, ends]
    found = (weights * defective[order]).cumsum(axis=1)[:, ends]
    gained = np.diff(found, axis=1, prepend=0)
    with np.errstate(invalid="ignore"):
        precision = np.where(everything > 0, found / everything, 0.0)
        result: Floats = (precision * gained).sum(axis=1) / found[:, -1]
    return result


def average_precision_interval(
    scores: Floats, defective: Bools, images: ArrayLike
) -> tuple[float, float]:
    """Bootstrap 95 % interval of the average precision, over images; NaN without a defect.

    Where every resample agrees, as in a perfect order, it says nothing: then its lower end is
    Wilson's of as many defects found as there are defective images.

    >>> scores = np.arange(40.0)
    >>> low, high = average_precision_interval(scores, scores > 19, np.arange(40))
    >>> round(low, 3), high
    (0.839, 1.0)
    """
    if not defective.any():
        return float("nan"), float("nan")
    drawn = resampled_average_precision(scores, defective, images)
    low, high = (float(end) for end in np.nanpercentile(drawn, [2.5, 97.5]))
    if low == high:
        count = len(np.unique(np.asarray(images)[defective]))
        low = min(low, wilson_interval(count, count)[0])
    measured = average_precision(scores, defective)
    return min(low, measured), max(high, measured)
