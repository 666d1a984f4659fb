"""Accuracies, and the answer that anybody could give."""

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


def accuracy(predicted: Labels, labels: Labels) -> float:
    """Share of right labels.

    Raises:
        ValueError: there are no labels.

    >>> accuracy(np.array([0, 1, 1, 3]), np.array([0, 1, 2, 3]))
    0.75
    """
    if labels.size == 0:
        raise ValueError("no labels")
    return float((predicted == labels).mean())


def balanced_accuracy(predicted: Labels, labels: Labels) -> float:
    """Share of right labels, averaged over the labels that occur.

    Raises:
        ValueError: there are no labels.

    >>> balanced_accuracy(np.array([0, 0, 0, 0]), np.array([0, 0, 0, 1]))
    0.5
    """
    if labels.size == 0:
        raise ValueError("no labels")
    shares = [(predicted[labels == label] == label).mean() for label in np.unique(labels)]
    return float(np.mean(shares))


def trivial_accuracy(labels: Labels) -> float:
    """Accuracy of the answer "right group, never defective".

    Labels are `2 * group_index + defective`, so it is the share of even labels: 86.96 % on the
    full DAGM set of 1,000 normal and 150 defective images a group.

    Raises:
        ValueError: there are no labels.

    >>> trivial_accuracy(np.array([0, 2, 3, 4]))
    0.75
    """
    if labels.size == 0:
        raise ValueError("no labels")
    return float((labels % 2 == 0).mean())
