"""Whole images covered by windows."""

import numpy as np
import pytest
from scipy.special import softmax

from dagm_transfer.judging.windows import Windows, image_label, image_score, window_corners


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (50, 80), dtype=np.uint8)


def test_windows_are_the_pieces_of_the_image(image):
    found = Windows.of(image, size=32, stride=24).pixels
    corners = [(left, top) for top in (0, 18) for left in (0, 24, 48)]
    pieces = [image[top : top + 32, left : left + 32] for left, top in corners]
    assert np.array_equal(found, pieces)


@pytest.mark.parametrize("shape", [(32, 32), (33, 64), (50, 80), (131, 32)])
@pytest.mark.parametrize("stride", [1, 7, 32])
def test_every_pixel_lies_in_a_window_and_no_window_outside(shape, stride):
    seen = np.zeros(shape, int)
    corners = window_corners(shape, size=32, stride=stride)
    for left, top in corners:
        piece = seen[top : top + 32, left : left + 32]
        assert piece.shape == (32, 32)
        piece += 1
    assert seen.min() >= 1
    assert len(set(corners)) == len(corners)


@pytest.fixture
def logits() -> np.ndarray:
    return np.random.default_rng(0).normal(scale=3, size=(9, 6))


def test_an_image_scores_as_its_most_suspicious_window(logits):
    shares = softmax(logits, axis=1)
    odds = np.log(shares[:, 1::2].sum(axis=1) / shares[:, 0::2].sum(axis=1))
    assert image_score(logits) == pytest.approx(odds.max())


def test_the_group_is_the_one_of_largest_mean_log_probability(logits):
    shares = softmax(logits, axis=1)
    groups = np.log(shares[:, 0::2] + shares[:, 1::2]).mean(axis=0)
    assert image_label(logits) // 2 == groups.argmax()


def test_an_image_is_defective_where_the_largest_logit_of_a_window_is(logits):
    assert image_label(logits) % 2 == (logits.argmax(axis=1) % 2).max()
    normal = logits.copy()
    normal[:, 1::2] -= 100
    assert image_label(normal) % 2 == 0


def test_one_loud_window_does_not_outvote_the_others():
    # Nine windows see group 0 at odds of e^2; one sees group 1 at odds of e^10.
    logits = np.array([[2.0, 0.0, 0.0, 0.0]] * 9 + [[0.0, 0.0, 10.0, 0.0]])
    assert image_label(logits) == 0
