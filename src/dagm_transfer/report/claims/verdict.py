"""The rule by which runs decide a claim: over seeds, against a control, in every recipe.

A claim is a set of effects, numbers that are above 0 where it is true, one a seed. It holds where
each effect is, in each recipe: at the level of 5 % over all effects of all claims together
(Student's t over the seeds, two-sided; Holm 1979), with at least five seeds, and with networks that
are right on at least 99 % of validation where the claim compares trained ones. It does not hold
where one of them lies on the other side just as surely, which is more than a test that failed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dagm_transfer.metrics.intervals import mean_p_value

Verdict = Literal[
    "holds",
    "holds, but the control shows it before training",
    "does not hold",
    "undecided",
    "not tested at this scale",
]
LEVEL = 0.05
FEWEST_SEEDS = 5
ROUNDING = 1e-9  # of a number: less is no difference between seeds
RIGHT = 0.99  # validation accuracy of a network that counts as trained


@dataclass(frozen=True)
class Effect:
    """A number that is above 0 where a claim is true.

    Attributes:
        what: it is, in words.
        values: by seed; not finite where a run has none.
        control: the same before training, or of the control; empty where there is none.
        accuracies: of the trained networks that it compares, the least of each seed.
        folds: that the seeds have by turns; 1 where all have the same data.
    """

    what: str
    values: Mapping[int, float]
    control: Mapping[int, float]
    accuracies: Mapping[int, float]
    folds: int = 1


@dataclass(frozen=True)
class Decision:
    """A verdict and why it is none of the others, in words."""

    verdict: Verdict
    reason: str


def p_value(values: Mapping[int, float], folds: int = 1) -> float:
    """Two-sided, of a mean of 0 over the seeds (see `seed_error`); NaN where it cannot be told.

    >>> round(p_value({0: 1.0, 1: 2.0, 2: 3.0, 3: 2.0, 4: 2.0}), 4)
    0.0032
    """
    found = _finite(values)
    if len(found) < FEWEST_SEEDS or _alike(found):
        return math.nan
    return mean_p_value(found, folds)


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


def decide(
    by_recipe: Mapping[str, Sequence[Effect]],
    recipes: Sequence[str],
    adjusted: Mapping[str, Sequence[float]],
) -> Decision:
    """The verdict on one claim.

    Args:
        by_recipe: its effects in each recipe that was run.
        recipes: all that a claim has to hold in.
        adjusted: Holm's p-value of each effect, as `by_recipe` has them.
    """
    ran = {name: effects for name, effects in by_recipe.items() if any(map(_measured, effects))}
    if not ran:
        return Decision("not tested at this scale", "no run here measures it")
    sides = {
        name: [_side(e, p) for e, p in zip(effects, adjusted[name], strict=True)]
        for name, effects in ran.items()
    }
    poor = _poor(ran)
    if poor:
        return Decision("undecided", poor)
    missing = [name for name in recipes if name not in ran]
    if missing:
        return Decision("undecided", f"not measured in {', '.join(missing)}")
    if all(-1 in found for found in sides.values()):
        return Decision("does not hold", "the interval lies on the other side")
    if any(_alike(_finite(effect.values)) for effects in ran.values() for effect in effects):
        return Decision("undecided", "the seeds do not differ in a number: it has no interval")
    if not all(side == 1 for found in sides.values() for side in found):
        return Decision("undecided", "an interval holds 0, or the recipes disagree")
    if all(_shown_by_control(effect) for effects in ran.values() for effect in effects):
        return Decision(
            "holds, but the control shows it before training", "the control shows it as well"
        )
    return Decision("holds", "in every recipe")


def _poor(ran: Mapping[str, Sequence[Effect]]) -> str:
    """What keeps runs from deciding anything, in words; empty where nothing does."""
    effects = [effect for found in ran.values() for effect in found]
    seeds = min(len(_finite(effect.values)) for effect in effects)
    if seeds < FEWEST_SEEDS:
        return f"{seeds} of the {FEWEST_SEEDS} seeds that a verdict needs"
    wrong = [a for effect in effects for a in effect.accuracies.values() if not a >= RIGHT]
    if wrong:
        return f"{len(wrong)} of the networks compared are below {RIGHT:.0%}"
    return ""


def _side(effect: Effect, adjusted: float) -> int:
    """On which side of 0 an effect surely lies: 1, -1, or 0 where it is not sure."""
    if math.isnan(adjusted) or adjusted > LEVEL:
        return 0
    return 1 if sum(_finite(effect.values)) > 0 else -1


def _shown_by_control(effect: Effect) -> bool:
    """Whether the control has the effect as well, at the level of this test alone."""
    found = _finite(effect.control)
    if not found:
        return False
    # A control can be one trunk for all seeds: then there is nothing to test.
    if _alike(found):
        return found[0] > 0
    return p_value(effect.control, effect.folds) <= LEVEL and sum(found) > 0


def _measured(effect: Effect) -> bool:
    return bool(_finite(effect.values))


def _finite(values: Mapping[int, float]) -> list[float]:
    return [value for value in values.values() if math.isfinite(value)]


def _alike(values: Sequence[float]) -> bool:
    """Whether all are the same number, but for rounding."""
    return max(values) - min(values) <= ROUNDING * max(map(abs, values))
