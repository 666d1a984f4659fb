"""Linear probes, and how few channels they need."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dagm_transfer.metrics.probe import channels_needed, few_shot_accuracy, linear_probe_accuracy


@pytest.fixture
def parts():
    """Two labels told apart by channels 3 and 7 of 16, each for its own half of the images."""
    random = np.random.default_rng(0)

    def draw(count):
        labels = np.arange(count) % 2
        features = random.standard_normal((count, 16))
        features[:, 3] += 2.5 * labels
        features[:, 7] -= 2.5 * labels
        return 100 * features, labels

    return *draw(400), *draw(400)


def test_it_is_logistic_regression_on_standardised_features(parts):
    train, labels, test, test_labels = parts
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    peer = LogisticRegression(max_iter=5000).fit((train - mean) / deviation, labels)
    expected = (peer.predict((test - mean) / deviation) == test_labels).mean()
    assert linear_probe_accuracy(*parts) == pytest.approx(expected)
    assert expected > 0.9


def test_few_inputs_are_drawn_of_each_label_and_tell_less(parts):
    train, labels, test, test_labels = parts
    few, more = (few_shot_accuracy(*parts, per_label=count, draws=20, seed=0) for count in (3, 50))
    assert 0.5 < few < more < linear_probe_accuracy(*parts) + 0.02
    assert few_shot_accuracy(*parts, per_label=3, draws=20, seed=0) == few
    random = np.random.default_rng(0)
    rows = np.concatenate([
        random.choice(np.flatnonzero(labels == label), 3, replace=False) for label in (0, 1)
    ])  # fmt: skip
    once = few_shot_accuracy(*parts, per_label=3, draws=1, seed=0)
    assert once == linear_probe_accuracy(train[rows], labels[rows], test, test_labels)
    assert np.isnan(few_shot_accuracy(*parts, per_label=201, draws=1, seed=0))


def test_noise_tells_nothing(parts):
    train, labels, test, test_labels = parts
    random = np.random.default_rng(1)
    noise = random.standard_normal(train.shape), labels, random.standard_normal(test.shape)
    assert linear_probe_accuracy(*noise, test_labels) == pytest.approx(0.5, abs=0.08)


def test_the_channels_that_tell_are_enough(parts):
    assert channels_needed(*parts) == 2
    train, labels, *_ = parts
    noise = np.random.default_rng(1).permutation(train)
    assert channels_needed(noise, labels, noise, labels, share=1.0) > 2


def test_one_label_alone_is_refused(parts):
    train, _, test, test_labels = parts
    with pytest.raises(ValueError, match="class"):
        linear_probe_accuracy(train, np.zeros(len(train), dtype=int), test, test_labels)
