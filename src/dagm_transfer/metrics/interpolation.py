"""What lies on the straight line between the features of two classes."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist, squareform
from scipy.special import softmax

Floats = NDArray[np.float64]


def coexistence_index(p_a: Floats, p_b: Floats) -> float:
    """How long both classes are seen at once along the line: the integral of `min(p_a, p_b)`.

    0 where one gives way to the other at a point, 0.5 where both stand at one half all the way.
    Raw, it is little else than ln 2 over the mean margin at the ends: compare networks by
    `coexistence_at_margin`.

    Args:
        p_a: [steps], probability of the one class at evenly spaced places, both ends among them.
        p_b: [steps], of the other.

    Raises:
        ValueError: there are fewer than two places, or their numbers differ.

    >>> a = np.linspace(1, 0, 101)
    >>> round(coexistence_index(a, 1 - a), 4)
    0.25
    """
    if p_a.shape != p_b.shape or len(p_a) < 2:
        raise ValueError(f"{p_a.shape} and {p_b.shape}: give both at the same places, two at least")
    return float(np.trapezoid(np.minimum(p_a, p_b), dx=1 / (len(p_a) - 1)))


def coexistence_at_margin(logits: Floats, a: int, b: int, margin: float) -> float:
    """The index with the logits scaled so that the mean margin at the two ends is a given one.

    NaN where the ends are not told apart.

    Args:
        logits: [steps, labels], from an input of label `a` to one of label `b`.
        a: label at the first place.
        b: label at the last place.
        margin: between the logits of both, at the ends.

    >>> steps = np.linspace(-6, 6, 1001)
    >>> logits = np.stack([-steps, steps], axis=1)
    >>> round(coexistence_at_margin(logits, 0, 1, margin=10.0), 3)  # ln 2 / 10
    0.069
    """
    ends = (logits[0, a] - logits[0, b] + logits[-1, b] - logits[-1, a]) / 2
    if not ends > 0:
        return float("nan")
    probabilities = softmax(logits * (margin / ends), axis=1)
    return coexistence_index(probabilities[:, a], probabilities[:, b])


def third_label_mass(logits: Floats, a: int, b: int) -> float:
    """Mean probability along the line of labels that lie at neither end.

    Args:
        logits: [steps, labels].
        a: label at the first place.
        b: label at the last place.

    >>> round(third_label_mass(np.log([[0.6, 0.3, 0.1], [0.3, 0.4, 0.3]]), 0, 1), 6)
    0.2
    """
    probabilities = softmax(logits, axis=1)
    return float(1 - probabilities[:, [a, b]].sum(axis=1).mean())


def off_manifold_score(points: Floats, features: Floats, n_neighbors: int) -> Floats:
    """How far points lie from real features: the distance to the k-th neighbour over its median.

    The median is of real features to their k-th neighbour among the others: about 1 is as near as
    real ones. Leave out the features that the points are made of, and patches of the same images.

    Args:
        points: [P, C].
        features: [N, C], real ones.
        n_neighbors: k.

    Returns:
        [P]; NaN where the real features all coincide.

    Raises:
        ValueError: there are no more features than neighbours.

    >>> grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
    >>> off_manifold_score(np.array([[2.0, 2.0], [2.0, 14.0]]), grid, n_neighbors=1).tolist()
    [0.0, 10.0]
    """
    if len(features) <= n_neighbors:
        raise ValueError(f"{len(features)} features have no {n_neighbors} neighbours each")
    own = np.sort(squareform(pdist(features)), axis=1)[:, n_neighbors]  # the first is itself
    typical = float(np.median(own))
    if not typical > 0:
        return np.full(len(points), np.nan)
    distances: Floats = np.sort(cdist(points, features), axis=1)[:, n_neighbors - 1] / typical
    return distances
