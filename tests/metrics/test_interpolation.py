"""What lies between two classes, against cases with a known answer."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from dagm_transfer.metrics.interpolation import (
    coexistence_at_margin,
    coexistence_index,
    off_manifold_score,
    third_label_mass,
)


def line(margin, places=2001):
    """Logits of a network that is linear along the line."""
    steps = np.linspace(-margin / 2, margin / 2, places)
    return np.stack([-steps, steps, np.full(places, -1e9)], axis=1)


@pytest.mark.parametrize("margin", [10, 30, 100])
def test_the_index_of_a_linear_head_is_log_two_over_its_margin(margin):
    logits = line(margin)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert coexistence_index(p[:, 0], p[:, 1]) == pytest.approx(np.log(2) / margin, rel=0.01)


@pytest.mark.parametrize("own", [3, 17, 400])
def test_at_one_margin_every_linear_head_gives_the_same(own):
    assert coexistence_at_margin(line(own), 0, 1, 10.0) == pytest.approx(np.log(2) / 10, rel=0.01)


def test_a_line_on_which_both_are_seen_has_more_at_the_same_margin():
    logits = line(20)
    bent = logits * np.abs(np.linspace(-1, 1, len(logits)))[:, None]
    assert coexistence_at_margin(bent, 0, 1, 20.0) > 2 * coexistence_at_margin(logits, 0, 1, 20.0)


def test_ends_that_are_not_told_apart_have_no_index_at_a_margin():
    assert np.isnan(coexistence_at_margin(line(20), 1, 0, 20.0))


def test_places_have_to_be_the_same_and_two_at_least():
    for a, b in ((np.ones(3), np.ones(4)), (np.ones(1), np.ones(1))):
        with pytest.raises(ValueError, match="two at least"):
            coexistence_index(a, b)


def test_a_third_label_takes_what_both_lose():
    logits = np.log(np.array([[0.5, 0.4, 0.1], [0.1, 0.2, 0.7], [0.4, 0.6, 1e-30]]))
    assert third_label_mass(logits, 0, 1) == pytest.approx((0.1 + 0.7 + 0) / 3)


@pytest.mark.parametrize("k", [1, 5])
def test_the_score_is_that_of_scikit_learns_neighbours(k):
    random = np.random.default_rng(0)
    features, points = random.standard_normal((40, 6)), 3 * random.standard_normal((7, 6))
    index = NearestNeighbors().fit(features)
    own = index.kneighbors(n_neighbors=k)[0][:, -1]  # of themselves, themselves left out
    expected = index.kneighbors(points, n_neighbors=k)[0][:, -1] / np.median(own)
    np.testing.assert_allclose(off_manifold_score(points, features, k), expected, rtol=1e-9)


def test_the_score_has_no_unit_and_needs_neighbours():
    features = np.random.default_rng(0).random((20, 3))
    score = off_manifold_score(features[:1] + 1, features, 2)
    np.testing.assert_allclose(off_manifold_score(10 * features[:1] + 10, 10 * features, 2), score)
    assert np.isnan(off_manifold_score(features, np.ones((5, 3)), 2)).all()
    with pytest.raises(ValueError, match="2 features have no 2 neighbours"):
        off_manifold_score(features, features[:2], 2)
