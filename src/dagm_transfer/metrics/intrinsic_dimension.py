"""How many dimensions the features of one kind fill, whatever the number of channels."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

KEPT = 0.9  # of the points: the largest ratios are of outliers


def two_nn(features: Floats) -> float:
    """Intrinsic dimension by TwoNN, the fit through the origin over the lower 90 % of the ratios.

    The ratio of the distances to the second and to the first neighbour follows a power law whose
    exponent is the dimension. Points that coincide with another have no ratio and are left out.
    With less than a hundred points high dimensions read low: 50 reads 27. NaN where fewer than
    three ratios are left.

    Source: Facco, d'Errico, Rodriguez, Laio 2017.

    Args:
        features: [N, C], of one label; one patch an image: siblings read as near neighbours.

    >>> round(two_nn(np.random.default_rng(0).random((2000, 2))), 1)
    2.0
    """
    if len(features) < 3:
        return float("nan")
    found, _ = cKDTree(features).query(features, k=3)
    distances = np.asarray(found)
    apart = distances[:, 1] > 0
    ratios = np.sort(distances[apart, 2] / distances[apart, 1])
    count = len(ratios)
    kept = int(count * KEPT)
    if kept < 3:
        return float("nan")
    logs = np.log(ratios[:kept])
    below = -np.log(1 - np.arange(1, kept + 1) / count)
    return float((logs * below).sum() / (logs * logs).sum()) if logs.any() else float("nan")


def participation_ratio(features: Floats) -> float:
    """How many directions carry the variance: `(sum of variances)^2 / sum of their squares`.

    NaN where there is no variance.

    Args:
        features: [N, C].

    >>> square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    >>> participation_ratio(square)
    2.0
    """
    centred = features - features.mean(axis=0)
    gram = centred @ centred.T if len(centred) < centred.shape[1] else centred.T @ centred
    squares = float((gram * gram).sum())
    return float(np.trace(gram) ** 2 / squares) if squares else float("nan")
