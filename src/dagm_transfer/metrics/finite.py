"""Means over what has a value."""

import math
from collections.abc import Iterable


def finite_mean(values: Iterable[float]) -> float:
    """The mean of those that are finite; NaN where none is.

    Args:
        values: numbers, of networks that need not be finite.

    >>> finite_mean([1.0, float("nan"), 2.0])
    1.5
    """
    found = [value for value in values if math.isfinite(value)]
    return math.fsum(found) / len(found) if found else math.nan
