"""The interval of a share of test images, over seeds or over images, and what it is called."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.metrics.intervals import image_bootstrap_interval, seed_interval, wilson_interval
from dagm_transfer.report.found.results import Groups, all_runs

Interval = tuple[float, float]


def share_interval(
    values: list[float],
    right: NDArray[np.bool_],
    images: Sequence[str],
    kind: str,
    overlap: float = 0.0,
) -> Interval:
    """The 95 % interval of a share of test images.

    Args:
        values: the share, one a seed.
        right: of the first seed, whether each image was judged rightly.
        images: the name of each.
        kind: `patch` where several come from one image, `image` where none do.
        overlap: of the seeds' data, see `seed_error`.
    """
    if len(values) > 1:
        return seed_interval(values, len(set(images)), overlap)
    if kind == "patch":
        return image_bootstrap_interval(right, images)
    return wilson_interval(int(right.sum()), len(right))


def over_seeds(results: Groups) -> str:
    """Which intervals those over seeds are; see `seed_error`."""
    apart = any(run.overlap for run in all_runs(results))
    widened = ", widened for the training images that folds share (Nadeau and Bengio 2003)"
    return f"Student's over the seeds{widened if apart else ''}"
