"""The search space in Optuna's terms."""

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from dagm_transfer.sweep.settings import Range, Sweep, Swept, Value

Space = Mapping[Swept, Range | list[Value]]
Point = dict[str, Any]


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """What the samplers draw from."""
    return {name: _distribution(name, dimension) for name, dimension in space.items()}


def _distribution(name: str, dimension: Range | list[Value]) -> BaseDistribution:
    if isinstance(dimension, list):
        return CategoricalDistribution(dimension)
    if name == "trainable_from":
        return IntDistribution(int(dimension.low), int(dimension.high))
    return FloatDistribution(float(dimension.low), float(dimension.high), log=dimension.log)


def grid(space: Space, seed: int) -> list[Point]:
    """Every point of the grid, in an order drawn once: a part of it is spread over the whole.

    >>> grid({"trainable_from": [1, 14]}, seed=0)
    [{'trainable_from': 1}, {'trainable_from': 14}]
    """
    values: dict[str, Sequence[Value]] = {
        name: _points(name, dimension) for name, dimension in space.items()
    }
    combinations = itertools.product(*values.values())
    points = [dict(zip(values, combination, strict=True)) for combination in combinations]
    random.Random(seed).shuffle(points)  # noqa: S311 - no secret
    return points


def _points(name: str, dimension: Range | list[Value]) -> Sequence[Value]:
    if isinstance(dimension, list):
        return dimension
    if name == "trainable_from":
        return range(int(dimension.low), int(dimension.high) + 1)
    assert dimension.points, "the parameters of a grid are refused without"
    spread = np.geomspace if dimension.log else np.linspace
    # Rounded, so that a point read back from a storage is the same point; within the range, still.
    values = spread(dimension.low, dimension.high, dimension.points)
    rounded = (float(f"{value:.6g}") for value in values)
    return [min(max(value, float(dimension.low)), float(dimension.high)) for value in rounded]


def depths(sweep: Sweep) -> list[int]:
    """What trials can be trainable from, where the sweep varies that.

    >>> from dagm_transfer.sweep.settings import Range
    >>> list(_points("trainable_from", Range(low=12, high=14)))
    [12, 13, 14]
    """
    dimension = sweep.space.get("trainable_from", [])
    return [int(depth) for depth in _points("trainable_from", dimension)]


def size(space: Space) -> int | None:
    """How many different points there are; None where a range makes them endless."""
    sizes: list[int] = []
    for name, dimension in space.items():
        if isinstance(dimension, list):
            sizes.append(len(set(dimension)))
        elif name == "trainable_from":
            sizes.append(int(dimension.high) - int(dimension.low) + 1)
        else:
            return None
    return int(np.prod(sizes))


def canonical(point: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A point as something to compare and to look up."""
    return tuple(sorted(point.items()))


def untried(
    points: Iterable[Mapping[str, Any]], tried: Iterable[Mapping[str, Any]]
) -> Iterator[Point]:
    """Those of the points that were not tried yet, in their order."""
    known = {canonical(point) for point in tried}
    yield from (dict(point) for point in points if canonical(point) not in known)
