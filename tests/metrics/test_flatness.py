"""Curvature of manifolds, raw and over flat surrogates."""

import numpy as np
import pytest
from flatness_sets import CURVED, FLAT, SETS, measured
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.manifold import Isomap

from dagm_transfer.metrics.flatness import (
    channel_surrogate,
    geodesic_discrepancy,
    rotation_surrogate,
)

K = 10


@pytest.mark.parametrize("name", ["Swiss roll", "Gaussian, 10 dimensions"])
def test_the_discrepancy_is_that_of_isomaps_distances(name):
    points = SETS[name](150, np.random.default_rng(0))
    geodesic = Isomap(n_neighbors=K).fit(points).dist_matrix_
    straight = np.linalg.norm(points[:, None] - points, axis=2)
    expected = (geodesic - straight).sum() / straight.sum()
    assert geodesic_discrepancy(points, K) == pytest.approx(expected, abs=1e-5)


def test_a_half_circle_is_as_much_longer_as_it_is():
    angles = np.linspace(0, np.pi, 400)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # Means over pairs: arcs pi / 3, chords 4 (pi - 2) / pi^2 ... in closed form 2 sin(x / 2).
    arcs = np.abs(angles[:, None] - angles)
    chords = 2 * np.sin(arcs / 2)
    expected = (arcs - chords).sum() / chords.sum()
    assert geodesic_discrepancy(points, 2) == pytest.approx(expected, rel=1e-3)


def test_clusters_that_fall_apart_are_joined_by_the_shortest_bridge():
    one = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    points = np.concatenate([one, one + np.array([10.0, 0.0])])
    # By hand: inside a cluster diagonals are edges (3 neighbours); from one to the other the way
    # leads over the bridge between (1, 0) and (10, 0) or (1, 1) and (10, 1): the first in order.
    bridge = geodesic_discrepancy(points, 3)
    assert 0 < bridge < 0.1


def test_a_collapse_has_no_discrepancy():
    assert np.isnan(geodesic_discrepancy(np.ones((20, 3)), 5))
    twins = np.concatenate([np.zeros((10, 2)), np.ones((10, 2))])
    assert geodesic_discrepancy(twins, 5) == pytest.approx(0, abs=1e-12)


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="10 points have no 10 neighbours"):
        geodesic_discrepancy(np.ones((10, 2)), 10)


@given(seed=st.integers(0, 2**16), scale=st.floats(1e-3, 1e3), shift=st.floats(-100, 100))
@settings(max_examples=20, deadline=None)
def test_neither_turning_scaling_nor_shifting_changes_it(seed, scale, shift):
    random = np.random.default_rng(seed)
    points = random.standard_normal((30, 4))
    turn, _ = np.linalg.qr(random.standard_normal((4, 4)))
    moved = scale * points @ turn + shift
    expected = geodesic_discrepancy(points, 5)
    assert geodesic_discrepancy(moved, 5) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("shape", [(60, 5), (20, 50)])
def test_a_rotation_surrogate_keeps_mean_and_covariance_exactly(shape):
    random = np.random.default_rng(0)
    points = np.maximum(random.standard_normal(shape), 0) @ random.standard_normal((shape[1],) * 2)
    drawn = rotation_surrogate(points, random)
    np.testing.assert_allclose(drawn.mean(axis=0), points.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(points.T), atol=1e-8)
    assert not np.allclose(drawn, points)


def test_a_channel_surrogate_keeps_the_values_and_nearly_the_covariance():
    random = np.random.default_rng(0)
    mixed = random.standard_normal((200, 3)) @ random.standard_normal((3, 6))
    points = np.maximum(mixed, 0)
    drawn = channel_surrogate(points, random)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(points, axis=0))
    off = np.cov(drawn.T) - np.cov(points.T)
    assert np.abs(off).max() < 0.1 * np.abs(np.cov(points.T)).max()
    assert not np.allclose(drawn, points)


@pytest.mark.parametrize(("count", "draws"), [(71, 5), (300, 1)])
@pytest.mark.parametrize("name", CURVED)
def test_curved_sets_lie_above_their_surrogates(name, count, draws):
    found = measured(name, count, draws, surrogates=9)
    assert min(found.rotation.rank, found.channels.rank) > 0.9
    assert min(found.rotation.mean, found.channels.mean) > 0.02


@pytest.mark.parametrize(("count", "draws"), [(71, 5), (300, 3)])
@pytest.mark.parametrize("name", [name for name in FLAT if "200" not in name])  # half a minute
def test_flat_sets_lie_among_surrogates_of_their_own_channels(name, count, draws):
    found = measured(name, count, draws, surrogates=9)
    assert found.channels.rank < 0.9


def test_the_raw_measure_does_not_tell_them_apart():
    random = np.random.default_rng(1)
    raw = {name: geodesic_discrepancy(make(300, random), K) for name, make in SETS.items()}
    assert min(raw[name] for name in CURVED) < max(raw[name] for name in FLAT)
