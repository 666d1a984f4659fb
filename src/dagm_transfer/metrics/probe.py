"""What a linear classifier reads out of features, and how few channels it needs for that."""

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

STEPS = 2000  # of the solver, at most


def linear_probe_accuracy(
    train: Floats, train_labels: Labels, test: Floats, test_labels: Labels
) -> float:
    """Test accuracy of logistic regression on standardised features (L2, C = 1).

    Source: Alain, Bengio 2016.

    Args:
        train: [N, C], pooled features.
        train_labels: [N].
        test: [M, C].
        test_labels: [M].

    Raises:
        ValueError: the training features are all of one label.

    >>> train, labels = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([0, 0, 1, 1])
    >>> linear_probe_accuracy(train, labels, np.array([[0.2], [0.9]]), np.array([0, 1]))
    1.0
    """
    return float(_probe(train, train_labels).score(test, test_labels))


def few_shot_accuracy(
    train: Floats,
    train_labels: Labels,
    test: Floats,
    test_labels: Labels,
    *,
    per_label: int,
    draws: int,
    seed: int,
) -> float:
    """Test accuracy of a linear probe fitted on few inputs of each label: the mean over draws.

    A probe of all inputs is level from the middle of a network on; one of few tells depths apart.

    Args:
        train: [N, C], pooled features.
        train_labels: [N].
        test: [M, C].
        test_labels: [M].
        per_label: how many are drawn of each label, without replacement.
        draws: how often.
        seed: of the draws.

    Returns:
        NaN where a label has fewer inputs than are to be drawn.

    >>> train, labels = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([0, 0, 1, 1])
    >>> test = np.array([[0.2], [0.9]]), np.array([0, 1])
    >>> few_shot_accuracy(train, labels, *test, per_label=1, draws=3, seed=0)
    1.0
    """
    of_labels = [np.flatnonzero(train_labels == label) for label in np.unique(train_labels)]
    if min(map(len, of_labels)) < per_label:
        return float("nan")
    random = np.random.default_rng(seed)
    accuracies = []
    for _ in range(draws):
        rows = [random.choice(of, per_label, replace=False) for of in of_labels]
        drawn = np.concatenate(rows)
        accuracies.append(
            linear_probe_accuracy(train[drawn], train_labels[drawn], test, test_labels)
        )
    return float(np.mean(accuracies))


def channels_needed(
    train: Floats,
    train_labels: Labels,
    test: Floats,
    test_labels: Labels,
    share: float = 0.98,
) -> int:
    """With how few channels a probe comes to a share of its accuracy with all: 1, 2, 4, ..., C.

    The channels are those of the largest weights of the probe with all channels; the probe is
    fitted again on each set.

    Args:
        train: [N, C], pooled features.
        train_labels: [N].
        test: [M, C].
        test_labels: [M].
        share: of the accuracy with all channels.

    Raises:
        ValueError: the training features are all of one label.

    >>> random = np.random.default_rng(0)
    >>> labels = np.arange(40) % 2
    >>> features = random.standard_normal((40, 8))
    >>> features[:, 5] = labels
    >>> channels_needed(features, labels, features, labels)
    1
    """
    whole = _probe(train, train_labels)
    wanted = share * float(whole.score(test, test_labels))
    strength = np.abs(whole[-1].coef_).sum(axis=0)
    strongest = np.argsort(-strength, kind="stable")
    channels = len(strongest)
    for count in _doubled(channels):
        fewer = train[:, strongest[:count]], test[:, strongest[:count]]
        if linear_probe_accuracy(fewer[0], train_labels, fewer[1], test_labels) >= wanted:
            return count
    return channels


def _probe(features: Floats, labels: Labels) -> Pipeline:
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=STEPS))
    probe.fit(features, labels)
    return probe


def _doubled(most: int) -> Iterator[int]:
    powers = (2**power for power in itertools.count())
    return itertools.takewhile(lambda count: count < most, powers)
