"""The rule by which runs decide a claim: over seeds, against a control, in every recipe.

A claim is a set of effects, numbers that are above 0 where it is true, one a seed. It holds where
each effect is, in each recipe: its p-value is the largest of theirs (Berger 1982), and has to be
at most 5 % after Holm's correction over all claims (1979); with at least five seeds, and with
networks that are right on at least 99 % of validation where the claim compares trained ones. An
effect that is the same number above 0 in every seed is met, and leaves the p-value to the others.
The claim does not hold where in each recipe one of them lies on the other side just as surely,
which is more than a test that failed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dagm_transfer.metrics.intervals import mean_p_value

Verdict = Literal[
    "holds",
    "holds, but the control shows it as well",
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
class Decision:
    """A verdict and why it is none of the others, in words."""

    verdict: Verdict
    reason: str


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
    found = _finite(values)
    if len(found) < FEWEST_SEEDS or _alike(found):
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


def significance(by_recipe: Mapping[str, Sequence[Effect]]) -> Significance:
    """The test of one claim, of its effects in each recipe that was run."""
    found = [_of_recipe(effects) for effects in by_recipe.values() if any(map(_measured, effects))]
    if len({each.side for each in found}) != 1:
        return Significance(0, math.nan)
    return Significance(found[0].side, _largest([each.p_value for each in found]))


def _of_recipe(effects: Sequence[Effect]) -> Significance:
    """In one recipe: all have to speak for the claim; against it, the surest of them counts."""
    p_values = [p_value(effect.values, effect.overlap) for effect in effects]
    above = [sum(_finite(effect.values)) > 0 for effect in effects]
    if all(above):
        varied = [
            p
            for p, effect in zip(p_values, effects, strict=True)
            if not _alike(_finite(effect.values))
        ]
        return Significance(1, _largest(varied or p_values))
    against = [p for p, is_above in zip(p_values, above, strict=True) if not is_above]
    surest = min((p for p in against if not math.isnan(p)), default=math.nan)
    return Significance(-1, min(1.0, len(effects) * surest))  # Bonferroni: it was picked among them


def _largest(p_values: Sequence[float]) -> float:
    return math.nan if any(map(math.isnan, p_values)) else max(p_values)


def decide(
    by_recipe: Mapping[str, Sequence[Effect]],
    recipes: Sequence[str],
    adjusted: float,
    control: str = "the control",
) -> Decision:
    """The verdict on one claim.

    Args:
        by_recipe: its effects in each recipe that was run.
        recipes: all that a claim has to hold in.
        adjusted: the p-value of `significance` after Holm's correction.
        control: what the control is, in words.
    """
    ran = {name: effects for name, effects in by_recipe.items() if any(map(_measured, effects))}
    if not ran:
        return Decision("not tested at this scale", "no run here has a number for it")
    effects = [effect for found in ran.values() for effect in found]
    if reason := _poor(effects):
        return Decision("undecided", reason)
    missing = [name for name in recipes if name not in ran]
    if missing:
        return Decision("undecided", f"not measured in {', '.join(missing)}")
    side, sure = significance(ran).side, adjusted <= LEVEL
    if side == -1 and sure:
        return Decision("does not hold", "the numbers lie on the other side")
    if any(map(_without_interval, ran.values())):
        return Decision("undecided", "the seeds do not differ in a number: it has no interval")
    if side == 0:
        return Decision("undecided", "the means of the recipes lie on different sides")
    if not sure:
        leans = "its side" if side == 1 else "the other side"
        unsure = f"the means lie on {leans}, but not surely"
        return Decision("undecided", f"{unsure} (p = {adjusted:.2g} over all rows)")
    if all(map(_shown_by_control, effects)):
        return Decision("holds, but the control shows it as well", f"so does {control}")
    return Decision("holds", "in every recipe")


def _without_interval(effects: Sequence[Effect]) -> bool:
    """Whether a number that no seed varies is not above 0, or none varies."""
    same = [found for effect in effects if _alike(found := _finite(effect.values))]
    return len(same) == len(effects) or any(sum(found) <= 0 for found in same)


def _poor(effects: Sequence[Effect]) -> str:
    """What keeps runs from deciding anything, in words; empty where nothing does."""
    if any(effect.once for effect in effects):
        return "it was measured once, on what no seed varies"
    seeds = min(len(_finite(effect.values)) for effect in effects)
    if seeds < FEWEST_SEEDS:
        return f"{seeds} of the {FEWEST_SEEDS} seeds that a verdict needs"
    networks = {
        f"{variant}-s{seed}": accuracy
        for effect in effects
        for variant, by_seed in effect.accuracies.items()
        for seed, accuracy in by_seed.items()
    }
    wrong = [name for name, accuracy in networks.items() if not accuracy >= RIGHT]
    if wrong:
        return (
            f"{len(wrong)} of the {len(networks)} networks compared are below {RIGHT:.0%} of "
            f"validation: {', '.join(wrong)}"
        )
    return ""


def _shown_by_control(effect: Effect) -> bool:
    """Whether the control has the effect as well, at the level of this test alone."""
    found = _finite(effect.control)
    if not found:
        return False
    # A control can be one trunk for all seeds: then there is nothing to test.
    if _alike(found):
        return found[0] > 0
    return p_value(effect.control, effect.overlap) <= LEVEL and sum(found) > 0


def _measured(effect: Effect) -> bool:
    return bool(_finite(effect.values))


def _finite(values: Mapping[int, float]) -> list[float]:
    return [value for value in values.values() if math.isfinite(value)]


def _alike(values: Sequence[float]) -> bool:
    """Whether all are the same number, but for rounding."""
    return max(values) - min(values) <= ROUNDING * max(map(abs, values))
