"""The search space in Optuna's terms."""

import itertools
import random
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna import Trial

from dagm_transfer.sweep.settings import Range, Swept, Value, contains

Space = Mapping[Swept, Range | list[Value]]
Point = dict[str, Any]


def suggest(trial: Trial, space: Space) -> Point:
    """The point of a trial: from the queue, or drawn by the sampler.

    Raises:
        ValueError: it comes from the queue and lies outside the space.
    """
    point: Point = {}
    for name, dimension in space.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a number out of range: refused below
            point[name] = _suggest(trial, name, dimension)
        if not contains(dimension, point[name]):
            raise ValueError(f"{name}: {point[name]} lies outside the search space")
    return point


def _suggest(trial: Trial, name: str, dimension: Range | list[Value]) -> Any:
    if isinstance(dimension, list):
        return trial.suggest_categorical(name, dimension)
    if name == "trainable_from":
        return trial.suggest_int(name, int(dimension.low), int(dimension.high))
    low, high = float(dimension.low), float(dimension.high)
    return trial.suggest_float(name, low, high, log=dimension.log)


def is_inside(point: Point, space: Space) -> bool:
    """Whether a point has a value of each dimension, and each within it."""
    return all(name in point and contains(dim, point[name]) for name, dim in space.items())


def grid(space: Space, seed: int) -> list[Point]:
    """Every point of the grid, in an order drawn once: a part of it is spread over the whole.

    Empty where a range has no `points`: then there is no end of them.

    >>> grid({"trainable_from": [1, 14]}, seed=0)
    [{'trainable_from': 1}, {'trainable_from': 14}]
    """
    values: dict[str, Sequence[Value]] = {name: _values(name, dim) for name, dim in space.items()}
    combinations = itertools.product(*values.values())
    points = [dict(zip(values, combination, strict=True)) for combination in combinations]
    random.Random(seed).shuffle(points)  # noqa: S311 - no secret
    return points


def is_finite(space: Space) -> bool:
    """Whether a sampler runs out of points.

    >>> is_finite({"trainable_from": [1, 14]}), is_finite({"momentum": Range(low=0, high=1)})
    (True, False)
    """
    return all(isinstance(dim, list) or name == "trainable_from" for name, dim in space.items())


def depths(space: Space) -> Sequence[int]:
    """What trials can be trainable from, where the sweep varies that.

    >>> list(depths({"trainable_from": Range(low=12, high=14)}))
    [12, 13, 14]
    """
    dimension = space.get("trainable_from", [])
    return [int(depth) for depth in _values("trainable_from", dimension)]


def _values(name: str, dimension: Range | list[Value]) -> Sequence[Value]:
    if isinstance(dimension, list):
        return dimension
    if name == "trainable_from":
        return range(int(dimension.low), int(dimension.high) + 1)
    spread = np.geomspace if dimension.log else np.linspace
    # Rounded, so that a point read back from a storage is the same point; within the range, still.
    values = spread(dimension.low, dimension.high, dimension.points or 0)
    rounded = (float(f"{value:.6g}") for value in values)
    return [min(max(value, float(dimension.low)), float(dimension.high)) for value in rounded]
