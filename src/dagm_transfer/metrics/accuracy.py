"""Accuracies, their intervals, and the answer that anybody could give."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, ttest_1samp

Labels = NDArray[np.int64]


def accuracy(predicted: Labels, labels: Labels) -> float:
    """Share of right labels.

    >>> accuracy(np.array([0, 1, 1, 3]), np.array([0, 1, 2, 3]))
    0.75
    """
    if labels.size == 0:
        raise ValueError("no labels")
    return float((predicted == labels).mean())


def balanced_accuracy(predicted: Labels, labels: Labels) -> float:
    """Share of right labels, averaged over the labels that occur.

    >>> balanced_accuracy(np.array([0, 0, 0, 0]), np.array([0, 0, 0, 1]))
    0.5
    """
    if labels.size == 0:
        raise ValueError("no labels")
    shares = [(predicted[labels == label] == label).mean() for label in np.unique(labels)]
    return float(np.mean(shares))


def trivial_accuracy(labels: Labels) -> float:
    """Accuracy of the answer "right texture, never defective".

    Labels are `2 * texture_index + defective`, so it is the share of even labels: 86.96 % on the
    full DAGM set of 1,000 normal and 150 defective images a texture.

    >>> trivial_accuracy(np.array([0, 2, 3, 4]))
    0.75
    """
    if labels.size == 0:
        raise ValueError("no labels")
    return float((labels % 2 == 0).mean())


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927).

    >>> low, high = wilson_interval(1378, 1380)
    >>> round(low, 4), round(high, 4)
    (0.9947, 0.9996)
    """
    interval = binomtest(right, total).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def mean_interval(values: list[float]) -> tuple[float, float]:
    """Student's 95 % interval of the mean over seeds; at least two values.

    >>> low, high = mean_interval([0.98, 0.99, 1.0])
    >>> round(low, 4), round(high, 4)
    (0.9652, 1.0148)
    """
    if len(values) < 2:
        raise ValueError("an interval over seeds takes at least two of them")
    interval = ttest_1samp(values, 0.0).confidence_interval(0.95)
    return float(interval.low), float(interval.high)
