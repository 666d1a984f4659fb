"""When a validation curve stopped rising (our definition: the study publishes none)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 5  # evaluations under the running median


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
    patience: int = 5,
    tolerance: float = 0.005,
) -> int | None:
    """The first evaluated iteration from which the smoothed curve stays at its plateau.

    The curve is smoothed by a running median of 5 evaluations, of fewer at its end; the plateau is
    the median of the last `patience`; at the plateau means within `tolerance`, or within two
    standard errors of an accuracy measured on that many images where that is more. A run has not
    converged where it was evaluated fewer than `patience + 1` times, where the plateau lies below
    halfway between the trivial answer's accuracy and 1 (a collapsed run also stands still), or
    where the smoothed curve still rose by more than the tolerance over the last `patience`
    evaluations.

    Args:
        iterations: of the evaluations, rising.
        accuracies: at those, between 0 and 1.
        images: how many images each accuracy was measured on.
        trivial: accuracy of the trivial answer on the same images.
        patience: evaluations that make the plateau.
        tolerance: what counts as level, in accuracy.

    Returns:
        The iteration, or None where the run has not converged.

    >>> curve = [0.1, 0.5, 0.9, 0.99, 0.99, 1.0, 0.99, 0.99, 0.99]
    >>> convergence_iteration(range(0, 90, 10), curve, images=1000, trivial=0.5)
    30
    """
    if len(iterations) != len(accuracies):
        raise ValueError(f"{len(iterations)} iterations, but {len(accuracies)} accuracies")
    if len(accuracies) < patience + 1:
        return None
    curve = _smoothed(np.asarray(accuracies, dtype=float))
    plateau = float(np.median(accuracies[-patience:]))
    spread = 2 * math.sqrt(plateau * (1 - plateau) / images)
    level = max(tolerance, spread)
    floor = (trivial + 1) / 2
    if plateau < floor or curve[-1] - curve[-patience - 1] > level:
        return None
    away = np.flatnonzero(np.abs(curve - plateau) > level)
    first = int(away[-1]) + 1 if away.size else 0
    return iterations[first] if first < len(iterations) else None


def _smoothed(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """The running median, as long as the curve.

    Before its start the first value is repeated: a low start is no noise. At its end the window
    shrinks: a repeated last value would let one noisy evaluation count thrice.
    """
    reach = SMOOTHING // 2
    padded = np.concatenate([np.repeat(curve[:1], reach), curve])
    return np.array([np.median(padded[i : i + SMOOTHING]) for i in range(len(curve))])
