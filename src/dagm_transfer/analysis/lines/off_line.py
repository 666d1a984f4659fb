"""How far the line between features leads off real ones, beside two sets that are flat."""

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.metrics.interpolation import off_manifold_score

Floats = NDArray[np.float64]

NEIGHBORS = 5
DRAWS = 5  # of the flat sets; the mean is told
SEED = 0


def off_line(starts: Floats, stops: Floats, features: Floats, steps: int) -> float:
    """The mean off-manifold score between both ends, over lines and inner places.

    Args:
        starts: [E, C], features where the lines begin.
        stops: [E, C], where they end.
        features: [N, C], real ones without the ends and without inputs of the same images.
        steps: places on a line, both ends among them, which do not count.

    Returns:
        NaN where there are no lines, too few real features, or some that are no numbers.

    >>> grid = np.stack(np.meshgrid(np.arange(9.0), np.arange(9.0)), axis=-1).reshape(-1, 2)
    >>> round(off_line(np.array([[1.0, 1.0]]), np.array([[7.0, 7.0]]), grid, 5), 2)
    0.98
    """
    shares = np.linspace(0, 1, steps)[1:-1, None, None]
    points = ((1 - shares) * starts + shares * stops).reshape(-1, features.shape[1])
    known = np.isfinite(features).all() and np.isfinite(points).all()
    if not known or not len(points) or len(features) <= NEIGHBORS:
        return float("nan")
    return float(off_manifold_score(points, features, NEIGHBORS).mean())


def across(a: Floats, b: Floats, ends: tuple[Floats, Floats], steps: int) -> float:
    """Of lines from one label to another, against the real features of both."""
    return off_line(*ends, np.concatenate([a, b]), steps)


def within(a: Floats, b: Floats, ends: tuple[Floats, Floats], steps: int) -> float:
    """Of lines from each end to the next of its label, against its own label: the mean of both."""
    found = [
        off_line(of[:-1], of[1:], features, steps)
        for features, of in zip((a, b), ends, strict=True)
    ]
    return float(np.mean(found))


def flat(a: Floats, b: Floats, ends: int, steps: int) -> tuple[float, float]:
    """`across` and `within` of two Gaussians that have the labels' means and covariances.

    What flat sets score is the score of distances and spreads alone, not of what is curved.

    Args:
        a: [N, C], real features of the one label.
        b: [M, C], of the other.
        ends: how many lines.
        steps: places on a line.
    """
    if min(len(a), len(b)) < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("nan"), float("nan")
    random, found = np.random.default_rng(SEED), []
    for _ in range(DRAWS):
        (end_a, real_a), (end_b, real_b) = (
            np.split(_gaussian(of, len(of) + ends, random), [ends]) for of in (a, b)
        )
        of = (real_a, real_b, (end_a, end_b), steps)
        found.append((across(*of), within(*of)))
    means = np.mean(found, axis=0)
    return float(means[0]), float(means[1])


def _gaussian(features: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draws [count, C] with the mean and the covariance of features [N, C]."""
    mean = features.mean(axis=0)
    weights = random.standard_normal((count, len(features))) / np.sqrt(len(features) - 1)
    drawn: Floats = mean + weights @ (features - mean)
    return drawn
