"""Flatness at the last depth, label by label."""

import math
from collections.abc import Mapping
from pathlib import Path

from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.tables import read_csv
from dagm_transfer.report.depths import LAST

ByLabel = Mapping[str, float]


def flatness_by_label(root: Path, key: str, metric: str) -> ByLabel:
    """A run's; none where it was not measured there.

    Args:
        root: where the pipeline runs.
        key: of the run.
        metric: as the layer table has it; `_initial` at its end is before training.
    """
    path = root / AnalysisPaths(key).flatness
    return {
        row["label"]: float(row["value"])
        for row in (read_csv(path) if path.exists() else [])
        if int(row["depth"]) in LAST and row["metric"] == metric
    }


def least_difference(one: ByLabel, other: ByLabel) -> float:
    """The one less the other in the label where they differ least; 0 where labels disagree.

    NaN where they have not the same labels, or none.

    >>> least_difference({"a": 0.5, "b": 0.3}, {"a": 0.2, "b": 0.2})
    0.09999999999999998
    >>> least_difference({"a": 0.5, "b": 0.1}, {"a": 0.2, "b": 0.2})
    0.0
    """
    if not one or one.keys() != other.keys():
        return math.nan
    differences = [one[label] - other[label] for label in one]
    if not all(map(math.isfinite, differences)):
        return math.nan
    alike = all(d > 0 for d in differences) or all(d < 0 for d in differences)
    return min(differences, key=abs) if alike else 0.0
