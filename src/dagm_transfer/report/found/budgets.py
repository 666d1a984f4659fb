"""How far weights had gone by the sum of the steps that a training had taken.

A step is the learning rate over 1 - momentum: runs of other lengths, rates and momenta are held
against each other where these sums are equal.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.tables import read_csv
from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.depths import ALL
from dagm_transfer.report.figures.base import Curve
from dagm_transfer.report.found.results import Result


def step_sum(variant: Mapping[str, Any], iterations: int) -> float:
    """Learning rate x iterations / (1 - momentum), of the iterations in which the trunk trained.

    Args:
        variant: its settings.
        iterations: of all its phases together.

    >>> phases = [{"trainable_from": 14, "learning_rate": 1e-2, "iterations": 10},
    ...           {"trainable_from": 1, "learning_rate": 1e-3, "iterations": 60}]
    >>> round(step_sum({"momentum": 0.9, "phases": phases}, 50), 6)
    0.4
    """
    found, left = 0.0, iterations
    for phase in variant["phases"]:
        count = min(left, phase["iterations"])
        left -= count
        if phase["trainable_from"] in ALL:
            found += phase["learning_rate"] * count
    return float(found / (1 - variant["momentum"]))


def budget_of(run: Result) -> float:
    """The sum of steps that a run took in all; one that diverged took fewer than it was to."""
    return step_sum(run.begin.params["variant"], run.evaluations[-1].step)


def way_of(run: Result, root: Path) -> Curve:
    """Sums of steps at the kept trunks, and the mean weight change over all depths there."""
    path = root / AnalysisPaths(run.begin.key).course
    changes: dict[int, list[float]] = {}
    for row in read_csv(path) if path.exists() else []:
        if row["metric"] == "weight_change":
            changes.setdefault(int(row["iteration"]), []).append(float(row["value"]))
    variant = run.begin.params["variant"]
    return [step_sum(variant, i) for i in changes], [*map(finite_mean, changes.values())]


def at_equal_sums(one: Curve, other: Curve) -> tuple[float, float]:
    """What both curves are where the shorter one ends, between kept trunks by straight lines.

    Args:
        one: sums of steps, rising from 0, and values there.
        other: likewise.

    Returns:
        NaN both where one of them has no trunk besides the first.

    >>> at_equal_sums(([0.0, 1.0, 4.0], [0.0, 0.2, 0.3]), ([0.0, 2.0], [0.0, 0.1]))
    (0.23333333333333334, 0.1)
    """
    if min(len(one[0]), len(other[0])) < 2:
        return math.nan, math.nan
    end = min(one[0][-1], other[0][-1])
    return _at(end, *one), _at(end, *other)


def _at(place: float, sums: Sequence[float], values: Sequence[float]) -> float:
    return float(np.interp(place, sums, values))
