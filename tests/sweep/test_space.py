"""The search space: what samplers draw from, the grid, and how many points there are."""

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dagm_transfer.sweep.settings import Range
from dagm_transfer.sweep.space import canonical, distributions, grid, size, untried

RATE = Range(low=1e-4, high=1e-2, log=True, points=3)


def test_each_dimension_becomes_the_distribution_that_it_means():
    space = {"learning_rate": RATE, "trainable_from": Range(low=1, high=14), "momentum": [0.0, 0.9]}
    assert distributions(space) == {
        "learning_rate": FloatDistribution(1e-4, 1e-2, log=True),
        "trainable_from": IntDistribution(1, 14),
        "momentum": CategoricalDistribution([0.0, 0.9]),
    }


def test_the_grid_holds_every_combination_once():
    points = grid({"learning_rate": RATE, "trainable_from": [1, 14]}, seed=0)
    assert {canonical(point) for point in points} == {
        canonical({"learning_rate": rate, "trainable_from": depth})
        for rate in (1e-4, 1e-3, 1e-2)
        for depth in (1, 14)
    }
    assert len(points) == 6


def test_an_unlogarithmic_range_is_cut_evenly():
    points = grid({"momentum": Range(low=0.0, high=0.9, points=4)}, seed=0)
    assert sorted(point["momentum"] for point in points) == [0.0, 0.3, 0.6, 0.9]


def test_a_grid_stays_within_its_range():
    low, high = 0.00012345674, 0.00023456786
    points = grid({"learning_rate": Range(low=low, high=high, points=2)}, seed=0)
    assert all(low <= point["learning_rate"] <= high for point in points)


def test_the_order_of_the_grid_hangs_on_the_seed_alone():
    space = {"trainable_from": Range(low=1, high=14)}
    assert grid(space, 3) == grid(space, 3) != grid(space, 4)
    assert sorted(point["trainable_from"] for point in grid(space, 3)) == list(range(1, 15))


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ({"momentum": [0.0, 0.9], "trainable_from": Range(low=11, high=14)}, 8),
        ({"momentum": [0.0, 0.9, 0.9]}, 2),
        ({"momentum": [0.0], "learning_rate": RATE}, None),
    ],
)
def test_the_number_of_points_is_known_unless_it_is_endless(space, expected):
    assert size(space) == expected


def test_points_that_were_tried_are_left_out_in_order():
    points = [{"a": 1, "b": 2}, {"a": 2, "b": 2}, {"a": 3, "b": 2}]
    assert list(untried(points, [{"b": 2, "a": 2}])) == [points[0], points[2]]
