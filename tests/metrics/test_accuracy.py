"""Accuracies against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from dagm_transfer.metrics.accuracy import (
    accuracy,
    balanced_accuracy,
    trivial_accuracy,
)


@pytest.fixture
def answers() -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true labels, uneven, with a label that never occurs but is predicted."""
    random = np.random.default_rng(0)
    labels = random.choice(11, size=200, p=np.arange(1, 12) / 66)
    predicted = np.where(random.random(200) < 0.6, labels, random.integers(0, 12, 200))
    return predicted, labels


def test_accuracy_is_scikit_learns(answers):
    predicted, labels = answers
    assert accuracy(predicted, labels) == pytest.approx(accuracy_score(labels, predicted))


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_balanced_accuracy_is_scikit_learns(answers):
    predicted, labels = answers
    expected = balanced_accuracy_score(labels, predicted)
    assert balanced_accuracy(predicted, labels) == pytest.approx(expected)
    assert balanced_accuracy(predicted, labels) != pytest.approx(accuracy(predicted, labels))


def test_the_trivial_answer_is_right_on_every_normal_image():
    labels = np.repeat(np.arange(12), [1000, 150] * 6)
    never_defective = labels // 2 * 2
    assert trivial_accuracy(labels) == accuracy(never_defective, labels)
    assert trivial_accuracy(labels) == pytest.approx(0.8696, abs=5e-5)


@pytest.mark.parametrize("measure", [accuracy, balanced_accuracy])
def test_accuracies_of_nothing_are_refused(measure):
    nothing = np.array([], dtype=np.int64)
    with pytest.raises(ValueError, match="no labels"):
        measure(nothing, nothing)


def test_the_trivial_answer_to_nothing_is_refused():
    with pytest.raises(ValueError, match="no labels"):
        trivial_accuracy(np.array([], dtype=np.int64))
