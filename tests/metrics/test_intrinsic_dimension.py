"""Dimensions of clouds whose dimension is known."""

import numpy as np
import pytest

from dagm_transfer.metrics.intrinsic_dimension import participation_ratio, two_nn


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
def test_a_uniform_cube_has_its_dimension_however_many_channels_it_lies_in(dimensions):
    random = np.random.default_rng(0)
    cube = random.random((2000, dimensions))
    turn, _ = np.linalg.qr(random.standard_normal((20, 20)))
    assert two_nn(cube) == pytest.approx(dimensions, rel=0.08)
    inside = np.pad(cube, ((0, 0), (0, 20 - dimensions))) @ turn
    assert two_nn(inside) == pytest.approx(two_nn(cube), rel=1e-6)


def test_it_is_the_fit_through_the_origin_of_the_ratios():
    points = np.random.default_rng(0).random((60, 4))
    ratios = []
    for place, point in enumerate(points):
        distances = sorted(np.linalg.norm(np.delete(points, place, 0) - point, axis=1))
        ratios.append(distances[1] / distances[0])
    x = np.log(sorted(ratios)[:54])
    y = -np.log(1 - np.arange(1, 55) / 60)
    assert two_nn(points) == pytest.approx(np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])


def test_a_hundred_points_read_high_dimensions_low():
    assert 20 < two_nn(np.random.default_rng(0).standard_normal((100, 50))) < 35


def test_points_that_coincide_have_no_ratio():
    points = np.random.default_rng(0).random((50, 2))
    assert np.isnan(two_nn(np.ones((20, 3))))
    assert np.isnan(two_nn(points[:2]))
    assert np.isfinite(two_nn(np.concatenate([points, points[:10]])))


@pytest.mark.parametrize("shape", [(500, 8), (8, 500)])
def test_the_participation_ratio_is_that_of_the_eigenvalues(shape):
    points = np.random.default_rng(0).standard_normal(shape) * np.arange(1, shape[1] + 1)
    eigenvalues = np.linalg.eigvalsh(np.cov(points.T))
    expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    assert participation_ratio(points) == pytest.approx(expected)
    assert np.isnan(participation_ratio(np.ones((4, 2))))
