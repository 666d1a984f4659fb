"""When a validation curve stopped rising (our definition: the study publishes none)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEWEST = 10  # evaluations that show a plateau
# Accuracies are quotients: without this, two images' worth below the plateau would at times count
# as more than that. It is far less than one image in a million.
ROUNDING = 1e-9

Floats = NDArray[np.float64]
Iterations = NDArray[np.int64]


def first_reaching(
    iterations: Sequence[int], accuracies: Sequence[float], target: float
) -> int | None:
    """The first evaluated iteration with at least the target accuracy, unsmoothed.

    Args:
        iterations: of the evaluations, rising.
        accuracies: at those, between 0 and 1.
        target: between 0 and 1.

    >>> first_reaching([0, 10, 20], [0.1, 0.96, 0.94], 0.95)
    10
    """
    for iteration, accuracy in zip(iterations, accuracies, strict=True):
        if accuracy >= target:
            return iteration
    return None


def convergence_iteration(
    iterations: Sequence[int],
    accuracies: Sequence[float],
    *,
    images: int,
    trivial: float,
    tolerance: float = 0.005,
) -> int | None:
    """The first evaluated iteration from which the smoothed curve stays up at its plateau.

    Spans are shares of the run's iterations, which go from its first evaluation to its last, so
    that the spacing of evaluations does not matter. The plateau is the median over the last fifth.
    The curve is smoothed by a centred running median over a twentieth of the iterations. The level
    is the larger of `tolerance` and two images' worth. Converged is the run from where the smoothed
    curve never again falls more than the level below the plateau; being above is no fault.

    It has not converged where it was evaluated fewer than ten times; where the plateau lies below
    halfway between the trivial answer's accuracy and 1 (a collapsed run stands still too); where
    the plateau exceeds the median over the fifth before by more than the level (still rising); or
    where the smoothed curve ends below the level.

    All evaluations see the same images, so standard errors of a proportion have no place here.

    Both fifths include their two ends: in ten, twenty, ... even intervals their medians then are
    the accuracies at 0.9 and 0.7 of the run, which finer evaluations leave where they are. Where
    nothing was evaluated in the fifth before, the last evaluation before the last fifth stands for
    it. The window of the running median holds at least three evaluations, fewer at the ends, and
    never more ahead than behind: a run is not called converged before an evaluation was that good.

    Args:
        iterations: of the evaluations, rising.
        accuracies: at those, between 0 and 1.
        images: how many images each accuracy was measured on.
        trivial: accuracy of the trivial answer on the same images.
        tolerance: what counts as level, in accuracy.

    Returns:
        The iteration, or None where the run has not converged. It is known to within the spacing
        of evaluations: see `convergence_bracket`.

    >>> curve = [0.1, 0.5, 0.9, 0.99, 0.99, 1.0, 0.99, 0.99, 0.99, 0.99, 0.99]
    >>> convergence_iteration(range(0, 110, 10), curve, images=1000, trivial=0.5)
    30
    """
    if len(iterations) != len(accuracies):
        raise ValueError(f"{len(iterations)} iterations, but {len(accuracies)} accuracies")
    if len(accuracies) < FEWEST:
        return None
    at = np.asarray(iterations, dtype=np.int64) - iterations[0]
    curve = np.asarray(accuracies, dtype=np.float64)
    level = _level(images, tolerance)
    plateau, before = _last_two_fifths(at, curve)
    if plateau < (trivial + 1) / 2 - ROUNDING or plateau - before > level:
        return None
    below = np.flatnonzero(plateau - _running_median(at, curve) > level)
    first = int(below[-1]) + 1 if below.size else 0
    return int(iterations[first]) if first < len(iterations) else None


def is_rising(
    iterations: Sequence[int], accuracies: Sequence[float], *, images: int, tolerance: float = 0.005
) -> bool:
    """Whether a curve still rises at its end: see `convergence_iteration`, which has the arguments.

    >>> is_rising(range(0, 60, 10), [0.1, 0.5, 0.6, 0.7, 0.8, 0.9], images=1000)
    True
    """
    at = np.asarray(iterations, dtype=np.int64) - iterations[0]
    plateau, before = _last_two_fifths(at, np.asarray(accuracies, dtype=np.float64))
    return plateau - before > _level(images, tolerance)


def convergence_bracket(iterations: Sequence[int], found: int) -> tuple[int, int]:
    """The evaluated iterations that hold what was found: the one before it, and it.

    It happened after the first and by the second ("20 to 30"). At the first evaluation nothing
    lies before, and both are the same.

    Args:
        iterations: of the evaluations, rising.
        found: one of them, of `convergence_iteration` or `first_reaching`.

    >>> convergence_bracket([0, 10, 20, 30, 40], 30)
    (20, 30)
    """
    place = list(iterations).index(found)
    return int(iterations[max(place - 1, 0)]), int(found)


def _level(images: int, tolerance: float) -> float:
    return max(tolerance, 2 / images) + ROUNDING


def _last_two_fifths(at: Iterations, curve: Floats) -> tuple[float, float]:
    """Medians of the curve over the last fifth of the run, and over the fifth before.

    Whole numbers are compared, five times the iterations, so that the ends are met exactly.
    """
    run = at[-1]
    last = np.searchsorted(5 * at, 4 * run)
    end = np.searchsorted(5 * at, 4 * run, side="right")
    start = min(np.searchsorted(5 * at, 3 * run), end - 1)
    return float(np.median(curve[last:])), float(np.median(curve[start:end]))


def _running_median(at: Iterations, curve: Floats) -> Floats:
    """Over the evaluations no more than a fortieth of the run away, and both neighbours.

    At the ends the window is cut off: a repeated end would let one evaluation count twice.
    """
    places = np.arange(len(at))
    start = np.searchsorted(40 * at, 40 * at - at[-1])
    stop = np.searchsorted(40 * at, 40 * at + at[-1], side="right")
    start, stop = np.minimum(start, np.maximum(places - 1, 0)), np.maximum(stop, places + 2)
    # As many ahead as behind, at most: else what comes later outvotes a low start.
    stop = np.minimum(stop, 2 * places + 1 - start)
    return np.array([np.median(curve[i:j]) for i, j in zip(start, stop, strict=True)])
