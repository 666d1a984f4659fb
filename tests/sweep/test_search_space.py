"""The search space: what trials are drawn from, the grid, and what belongs to it."""

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dagm_transfer.sweep.search_space import depths, grid, is_finite, is_inside, suggest
from dagm_transfer.sweep.settings import Range

RATE = Range(low=1e-4, high=1e-2, log=True, points=3)
SPACE = {"learning_rate": RATE, "trainable_from": Range(low=1, high=14), "momentum": [0.0, 0.9]}


def test_each_dimension_is_drawn_from_the_distribution_that_it_means():
    trial = optuna.create_study().ask()
    point = suggest(trial, SPACE)
    assert trial.distributions == {
        "learning_rate": FloatDistribution(1e-4, 1e-2, log=True),
        "trainable_from": IntDistribution(1, 14),
        "momentum": CategoricalDistribution([0.0, 0.9]),
    }
    assert point == trial.params
    assert is_inside(point, SPACE)


@pytest.mark.parametrize(
    "wrong", [{"learning_rate": 1.0}, {"trainable_from": 15}, {"momentum": 0.5}], ids=str
)
def test_a_point_of_the_queue_that_lies_outside_is_refused(wrong):
    study = optuna.create_study()
    study.enqueue_trial({"learning_rate": 1e-3, "trainable_from": 3, "momentum": 0.0, **wrong})
    with pytest.raises(ValueError, match=r"outside|not in"):
        suggest(study.ask(), SPACE)


def test_a_point_that_lacks_a_value_is_not_inside():
    assert not is_inside({"learning_rate": 1e-3}, SPACE)


def test_the_grid_holds_every_combination_once():
    points = grid({"learning_rate": RATE, "trainable_from": [1, 14]}, seed=0)
    assert len(points) == 6
    for rate in (1e-4, 1e-3, 1e-2):
        for depth in (1, 14):
            assert {"learning_rate": rate, "trainable_from": depth} in points


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
        ({"momentum": [0.0, 0.9], "trainable_from": Range(low=11, high=14)}, True),
        ({"momentum": [0.0], "learning_rate": RATE}, False),
    ],
)
def test_a_space_ends_unless_it_has_a_range_of_numbers(space, expected):
    assert is_finite(space) == expected


def test_the_depths_that_trials_freeze_up_to_are_known():
    assert depths(SPACE) == list(range(1, 15))
    assert depths({"trainable_from": [1, 13], "momentum": [0.0]}) == [1, 13]
    assert depths({"momentum": [0.0]}) == []
