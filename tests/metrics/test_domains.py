"""Distances of domains against their definitions, known cases, and what they must not see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import NearestNeighbors

from dagm_transfer.metrics.domains import domain_accuracy, foreign_neighbors, graded_distance

seeds = st.integers(0, 10_000)
few = settings(max_examples=15, deadline=None)


def two(seed: int, apart: float, n: int = 20, m: int = 20, channels: int = 6):
    random = np.random.default_rng(seed)
    a, b = random.standard_normal((n, channels)), random.standard_normal((m, channels))
    return a, b + apart * np.eye(channels)[0]


def turned(seed: int, channels: int = 6):
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((channels, channels)))
    return q


@pytest.mark.parametrize("apart", [0.5, 1.5, 3])
@pytest.mark.parametrize("channels", [3, 80])
def test_the_accuracy_is_that_of_scikit_learn_without_any_turning(apart, channels):
    a, b = two(1, apart, channels=channels)
    x, y = np.concatenate([a, b]), np.repeat([0, 1], 20)
    right = 0.0
    for train, test in StratifiedKFold(5, shuffle=True, random_state=3).split(x, y):
        scale = np.sqrt(x[train].var(axis=0).mean())
        model = LogisticRegression(max_iter=5000, tol=1e-8)
        model.fit((x[train] - x[train].mean(axis=0)) / scale, y[train])
        right += (model.predict((x[test] - x[train].mean(axis=0)) / scale) == y[test]).sum()
    assert domain_accuracy(a, b, 3) == pytest.approx(right / 40, abs=1 / 40)


def test_neighbours_are_those_of_scikit_learn():
    a, b = two(2, 1.0)
    x, y = np.concatenate([a, b]), np.repeat([0, 1], 20)
    _, found = NearestNeighbors(n_neighbors=2).fit(x).kneighbors(x)
    foreign = y[found[:, 1]] != y
    shares = foreign_neighbors(a, b, 0)
    assert shares == pytest.approx((foreign[:20].mean(), foreign[20:].mean()))
    assert shares.mean == pytest.approx(foreign.mean())


def test_the_distance_is_its_definition_pair_by_pair():
    a, b = two(3, 2.0, n=5, m=7)
    norm = np.linalg.norm
    between = np.mean([norm(p - q) for p in a for q in b])
    within = [
        np.mean([norm(x[i] - x[j]) for i in range(len(x)) for j in range(len(x)) if i != j])
        for x in (a, b)
    ]
    assert graded_distance(a, b) == pytest.approx(2 * between / sum(within))


def test_the_same_domain_is_near_and_far_ones_are_far():
    random = np.random.default_rng(0)
    same = random.standard_normal((2, 300, 5))
    assert domain_accuracy(*same, 0) == pytest.approx(0.5, abs=0.08)
    assert foreign_neighbors(*same, 0).mean == pytest.approx(0.5, abs=0.08)
    assert graded_distance(*same) == pytest.approx(1, abs=0.02)
    far = two(0, 50)
    assert domain_accuracy(*far, 0) == 1
    assert foreign_neighbors(*far, 0) == (0, 0)
    assert graded_distance(*far) > 10


def test_a_narrow_domain_inside_a_wide_one_is_seen_from_both_sides():
    random = np.random.default_rng(1)
    wide, narrow = random.standard_normal((200, 10)), 0.4 * random.standard_normal((200, 10))
    seen = foreign_neighbors(wide, narrow, 0)
    assert seen.of_a > 0.3 > 0.05 > seen.of_b
    assert domain_accuracy(wide, narrow, 0) < 0.65, "no plane lies between them"
    assert graded_distance(wide, narrow) > 1.05, "and yet they are not the same"


@few
@given(seeds, seeds)
def test_turning_and_scaling_the_space_changes_nothing(seed, turn):
    a, b = two(seed, 1.5)
    q, shift = turned(turn), 3.0
    other = (7 * (a @ q) + shift, 7 * (b @ q) + shift)
    assert graded_distance(*other) == pytest.approx(graded_distance(a, b))
    assert foreign_neighbors(*other, 0) == pytest.approx(foreign_neighbors(a, b, 0))
    assert domain_accuracy(*other, 0) == pytest.approx(domain_accuracy(a, b, 0), abs=1 / 40)


@few
@given(seeds)
def test_the_order_of_points_and_of_domains_changes_nothing(seed):
    a, b = two(seed, 1.0, n=12, m=12)
    random = np.random.default_rng(seed)
    shuffled = random.permutation(a), random.permutation(b)
    assert graded_distance(*shuffled) == pytest.approx(graded_distance(a, b))
    assert graded_distance(b, a) == pytest.approx(graded_distance(a, b))
    assert foreign_neighbors(*shuffled, 0) == pytest.approx(foreign_neighbors(a, b, 0))
    assert foreign_neighbors(b, a, 0) == pytest.approx(foreign_neighbors(a, b, 0)[::-1])


@few
@given(seeds)
def test_a_larger_domain_is_thinned_the_same_way_for_the_same_seed(seed):
    a, b = two(seed, 0.0, n=10, m=90)
    assert foreign_neighbors(a, b, seed) == foreign_neighbors(a, b, seed)
    assert domain_accuracy(a, b, seed) == domain_accuracy(a, b, seed)
    assert 0 <= domain_accuracy(a, b, seed) <= 0.9, "the larger is not always the better guess"


def test_equally_near_ones_count_by_their_share():
    a, b = np.zeros((3, 2)), np.zeros((3, 2))
    assert foreign_neighbors(a, b, 0) == pytest.approx((3 / 5, 3 / 5))
    assert np.isnan(graded_distance(a, b))


@pytest.mark.parametrize("metric", [
    lambda a, b: domain_accuracy(a, b, 0), lambda a, b: foreign_neighbors(a, b, 0), graded_distance
])  # fmt: skip
def test_one_point_is_no_domain_and_channels_must_agree(metric):
    with pytest.raises(ValueError, match="at least 2"):
        metric(np.zeros((1, 3)), np.zeros((5, 3)))
    with pytest.raises(ValueError, match="expected"):
        metric(np.zeros((5, 2)), np.zeros((5, 3)))
