"""Numbers of several variants as a phrase."""

import math
from collections.abc import Callable, Mapping

from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.found.results import Groups, Result
from dagm_transfer.report.tables.html_tables import DASH, percent


def means(results: Groups, value: Callable[[Result], float]) -> dict[str, float]:
    """A number of each variant: the mean over its seeds that have one; NaN where none has."""
    return {variant: finite_mean(map(value, runs)) for variant, runs in results.items()}


def listed(values: Mapping[str, float], form: Callable[[float], str] = percent) -> str:
    """Each variant with its number; a dash where there is none.

    >>> listed({"finetune": 0.5, "scratch": float("nan")})
    'finetune 50.0 %, scratch –'
    """
    return ", ".join(
        f"{name} {form(value) if math.isfinite(value) else DASH}" for name, value in values.items()
    )


def decimals(value: float) -> str:
    """Two places.

    >>> decimals(-0.001)
    '0.00'
    """
    return f"{round(value, 2) + 0.0:.2f}"
