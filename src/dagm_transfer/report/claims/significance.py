"""How surely the numbers of a claim lie on its side: over seeds, in every recipe, over all claims.

A claim is a set of effects, numbers that are above 0 where it is true, one a seed. Its p-value is
the largest of theirs (Berger 1982), and of all recipes'; over all claims together it is Holm's
(1979). An effect that is the same number above 0 in every seed is met, and leaves the p-value to
the others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.stats import t

from dagm_transfer.metrics.intervals import mean_p_value

LEVEL = 0.05
FEWEST_SEEDS = 5
ROUNDING = 1e-9  # of a number: less is no difference between seeds


@dataclass(frozen=True)
class Effect:
    """A number that is above 0 where a claim is true.

    Attributes:
        what: it is, in words.
        values: by seed; not finite where a run has none.
        control: the same before training, or of the control; empty where there is none.
        accuracies: validation accuracy of the trained networks that it compares, by variant and
            seed.
        overlap: of the seeds' data, see `seed_error`.
        once: whether it was measured on what no seed varies.
    """

    what: str
    values: Mapping[int, float]
    control: Mapping[int, float]
    accuracies: Mapping[str, Mapping[int, float]]
    overlap: float = 0.0
    once: bool = False


@dataclass(frozen=True)
class Significance:
    """On which side of a claim its numbers lie, and how surely.

    Attributes:
        side: 1 where all speak for it in every recipe, -1 where one speaks against it in each, 0
            where the recipes disagree.
        p_value: NaN where it cannot be told.
    """

    side: Literal[-1, 0, 1]
    p_value: float


def p_value(values: Mapping[int, float], overlap: float = 0.0) -> float:
    """Two-sided, of a mean of 0 over the seeds (see `seed_error`); NaN where it cannot be told.

    >>> round(p_value({0: 1.0, 1: 2.0, 2: 3.0, 3: 2.0, 4: 2.0}), 4)
    0.0032
    """
    found = finite(values)
    if len(found) < FEWEST_SEEDS or alike(found):
        return math.nan
    return mean_p_value(found, overlap)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values of several tests together (Holm 1979); NaN is no test.

    >>> holm([0.01, 0.04, float("nan"), 0.03])
    [0.03, 0.06, nan, 0.06]
    """
    tested = sorted((p, place) for place, p in enumerate(p_values) if not math.isnan(p))
    adjusted, largest = [math.nan] * len(p_values), 0.0
    for rank, (p, place) in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - rank) * p))
        adjusted[place] = largest
    return adjusted


def least_distance(rows: int, overlap: float = 0.0) -> float:
    """How far from 0 a mean has to lie for a verdict, in standard deviations of the seeds.

    Of FEWEST_SEEDS seeds, where its row is the surest of all that are tested: the first step of
    Holm's.

    Args:
        rows: that are tested together.
        overlap: of the seeds' data, see `seed_error`.

    >>> round(least_distance(1), 2), round(least_distance(14, 0.25), 2)
    (1.24, 4.12)
    """
    seeds = FEWEST_SEEDS
    return float(t.isf(LEVEL / rows / 2, seeds - 1) * math.sqrt(1 / seeds + overlap))


def significance(by_recipe: Mapping[str, Sequence[Effect]]) -> Significance:
    """The test of one claim, of its effects in each recipe that was run."""
    found = [in_recipe(effects) for effects in by_recipe.values() if any(map(measured, effects))]
    if len({each.side for each in found}) != 1:
        return Significance(0, math.nan)
    return Significance(found[0].side, _largest([each.p_value for each in found]))


def in_recipe(effects: Sequence[Effect]) -> Significance:
    """In one recipe: all have to speak for the claim; against it, the surest of them counts."""
    p_values = [p_value(effect.values, effect.overlap) for effect in effects]
    above = [sum(finite(effect.values)) > 0 for effect in effects]
    if all(above):
        varied = [
            p
            for p, effect in zip(p_values, effects, strict=True)
            if not alike(finite(effect.values))
        ]
        return Significance(1, _largest(varied or p_values))
    against = [p for p, is_above in zip(p_values, above, strict=True) if not is_above]
    surest = min((p for p in against if not math.isnan(p)), default=math.nan)
    if math.isnan(surest):
        return Significance(-1, math.nan)
    return Significance(-1, min(1.0, len(effects) * surest))  # Bonferroni: it was picked among them


def _largest(p_values: Sequence[float]) -> float:
    return math.nan if any(map(math.isnan, p_values)) else max(p_values)


def measured(effect: Effect) -> bool:
    """Whether any seed has a value."""
    return bool(finite(effect.values))


def finite(values: Mapping[int, float]) -> list[float]:
    """The values that are numbers."""
    return [value for value in values.values() if math.isfinite(value)]


def alike(values: Sequence[float]) -> bool:
    """Whether all are the same number, but for rounding."""
    return max(values) - min(values) <= ROUNDING * max(map(abs, values))
