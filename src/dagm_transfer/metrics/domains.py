"""How far two domains lie apart in a space of features.

Three measures, since each is blind somewhere: the accuracy of a classifier soon is 1, nearest
neighbours see what lies next to what and not how far, a distance sees how far and not how mixed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

Floats = NDArray[np.float64]

FOLDS = 5
FEWEST = 2  # points of a domain
STEPS = 2000  # of the solver, at most


class ForeignNeighbors(NamedTuple):
    """Shares of points whose nearest neighbour is of the other domain, at equal counts."""

    of_a: float
    of_b: float

    @property
    def mean(self) -> float:
        """Of both directions."""
        return (self.of_a + self.of_b) / 2


def domain_accuracy(a: Floats, b: Floats, seed: int) -> float:
    """Cross-validated accuracy of a linear classifier that tells the domains apart.

    Five folds (as many as the smaller domain has points, where those are fewer) at equal counts;
    logistic regression (L2, C = 1) on features less the mean of the training folds and over *one*
    scale, the root of their mean variance: it sees the domains as they lie, however the space is
    turned. 1/2: the same domain. It saturates: with more channels than points, any gap will do.

    Source: the proxy of the A-distance, Ben-David, Blitzer, Crammer, Pereira 2006.

    Args:
        a: [N, C], features of one domain.
        b: [M, C], of the other.
        seed: of the folds, and of the draw from the larger domain.

    Raises:
        ValueError: a domain has fewer than two points, or they differ in channels.

    >>> random = np.random.default_rng(0)
    >>> a, b = random.standard_normal((2, 20, 3))
    >>> domain_accuracy(a, b + 9, seed=0)
    1.0
    """
    a, b = _at_equal_counts(a, b, seed)
    features = _principal_scores(np.concatenate([a, b]))
    domains = np.repeat([0, 1], len(a))
    folds = StratifiedKFold(min(FOLDS, len(a)), shuffle=True, random_state=seed)
    right = 0
    for train, test in folds.split(features, domains):
        mean = features[train].mean(axis=0)
        scale = float(np.sqrt(features[train].var(axis=0).sum() / a.shape[1])) or 1.0
        classifier = LogisticRegression(max_iter=STEPS)
        classifier.fit((features[train] - mean) / scale, domains[train])
        found = classifier.predict((features[test] - mean) / scale)
        right += int((found == domains[test]).sum())
    return right / len(domains)


def foreign_neighbors(a: Floats, b: Floats, seed: int) -> ForeignNeighbors:
    """How often the nearest other point (Euclidean) is one of the other domain.

    At equal counts n, the larger domain thinned. n / (2n - 1) each: the same domain; 0: apart.
    One low and one high: a narrow domain lies inside a wide one. Where several are equally near,
    the share of them that is foreign counts.

    Source: Schilling 1986 (nearest neighbours as a test of two samples).

    Args:
        a: [N, C], features of one domain.
        b: [M, C], of the other.
        seed: of the draw from the larger domain.

    Raises:
        ValueError: a domain has fewer than two points, or they differ in channels.

    >>> a, b = np.array([[0.0], [1.0], [10.0]]), np.array([[10.5], [20.0], [21.0]])
    >>> shares = foreign_neighbors(a, b, seed=0)
    >>> round(shares.of_a, 3), round(shares.of_b, 3)
    (0.333, 0.333)
    """
    a, b = _at_equal_counts(a, b, seed)
    features, count = np.concatenate([a, b]), len(a)
    distances = cdist(features, features)
    np.fill_diagonal(distances, np.inf)
    nearest = distances == distances.min(axis=1, keepdims=True)
    in_b = nearest[:, count:].sum(axis=1) / nearest.sum(axis=1)
    return ForeignNeighbors(float(in_b[:count].mean()), float(1 - in_b[count:].mean()))


def graded_distance(a: Floats, b: Floats) -> float:
    """Between over within: the mean distance across domains over that inside them.

    `mean |a - b| / ((mean |a - a'| + mean |b - b'|) / 2)`, Euclidean, inside a domain over pairs
    of different points. Symmetric, and free of the scale of the features. For whole populations it
    is at least 1, and 1 only where both are the same (its excess over 1 is the energy distance over
    twice the mean distance within); samples of one domain scatter about 1.

    Source: Székely, Rizzo 2013 for the energy distance; the ratio is our choice.

    Args:
        a: [N, C], features of one domain.
        b: [M, C], of the other.

    Returns:
        NaN where all points of either domain are one.

    Raises:
        ValueError: a domain has fewer than two points, or they differ in channels.

    >>> graded_distance(np.array([[0.0], [1.0]]), np.array([[3.0], [4.0]]))
    3.0
    """
    _check(a, b)
    within = (float(pdist(a).mean()) + float(pdist(b).mean())) / 2
    return float(cdist(a, b).mean()) / within if within > 0 else float("nan")


def _at_equal_counts(a: Floats, b: Floats, seed: int) -> tuple[Floats, Floats]:
    _check(a, b)
    count = min(len(a), len(b))
    random = np.random.default_rng(seed)
    first, second = (
        part if len(part) == count else part[np.sort(random.permutation(len(part))[:count])]
        for part in (a, b)
    )
    return first, second


def _principal_scores(features: Floats) -> Floats:
    """The points turned into the few directions they span: the same to a linear classifier."""
    left, strengths, _ = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    scores: Floats = left * strengths
    return scores


def _check(a: Floats, b: Floats) -> None:
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"expected [N, C] and [M, C], not {a.shape} and {b.shape}")
    if min(len(a), len(b)) < FEWEST:
        raise ValueError(f"{len(a)} and {len(b)} points; a domain needs at least {FEWEST}")
