"""The rule by which runs decide a claim: over seeds, against a control, in every recipe.

A claim holds where each of its effects is above 0 in each recipe, at 5 % over all claims together
(see `significance`); with at least five seeds, and with networks that are right on at least 99 %
of validation where the claim compares trained ones. It does not hold where in each recipe one of
them lies on the other side just as surely, which is more than a test that failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dagm_transfer.report.claims.significance import (
    FEWEST_SEEDS,
    LEVEL,
    Effect,
    alike,
    finite,
    in_recipe,
    measured,
    p_value,
    significance,
)

Verdict = Literal[
    "holds",
    "holds, but the control shows it as well",
    "does not hold",
    "undecided",
    "not tested at this scale",
]
SIDES = {1: "on its side", -1: "on the other side"}
RIGHT = 0.99  # validation accuracy of a network that counts as trained


@dataclass(frozen=True)
class Decision:
    """A verdict and why it is none of the others, in words."""

    verdict: Verdict
    reason: str


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
    ran = {name: effects for name, effects in by_recipe.items() if any(map(measured, effects))}
    if not ran:
        return Decision("not tested at this scale", "no run here has a number for it")
    effects = [effect for found in ran.values() for effect in found]
    if reason := _poor(effects):
        return Decision("undecided", reason)
    missing = [name for name in recipes if name not in ran]
    if missing:
        return Decision("undecided", f"not measured in {', '.join(missing)}")
    found, sure = significance(ran), adjusted <= LEVEL
    if found.side == -1 and sure:
        return Decision("does not hold", _against(effects))
    if unvaried := [what for each in ran.values() for what in _without_interval(each)]:
        return Decision("undecided", f"no interval, alike in every seed: {_quoted(unvaried)}")
    if found.side == 0:
        on = {name: SIDES[in_recipe(each).side] for name, each in ran.items()}
        said = ", ".join(f"{side} in {name}" for name, side in on.items())
        return Decision("undecided", f"the means lie {said}")
    if not sure:
        leans = _against(effects) if found.side == -1 else "the means lie on its side"
        return Decision("undecided", f"{leans}, {_how_surely(found.p_value, adjusted)}")
    if all(map(_shown_by_control, effects)):
        return Decision("holds, but the control shows it as well", f"so does {control}")
    return Decision("holds", "in every recipe")


def _against(effects: Sequence[Effect]) -> str:
    """Which numbers lie on the other side."""
    against = [effect.what for effect in effects if sum(finite(effect.values)) <= 0]
    return f"on the other side lies {_quoted(against)}"


def _quoted(names: Sequence[str]) -> str:
    return " and ".join(f"'{name}'" for name in dict.fromkeys(names))


def _how_surely(alone: float, adjusted: float) -> str:
    """A p-value, and what is left of it where several claims are tested together."""
    if alone <= LEVEL:
        return f"surely so alone (p = {alone:.2g}), but not over all rows (p = {adjusted:.2g})"
    return f"but not surely (p = {alone:.2g})"


def _without_interval(effects: Sequence[Effect]) -> list[str]:
    """The numbers that no seed varies: those that are not above 0, or all where none varies."""
    same = [effect for effect in effects if alike(finite(effect.values))]
    return [
        effect.what
        for effect in same
        if len(same) == len(effects) or sum(finite(effect.values)) <= 0
    ]


def _poor(effects: Sequence[Effect]) -> str:
    """What keeps runs from deciding anything, in words; empty where nothing does."""
    if any(effect.once for effect in effects):
        return "it was measured once, on what no seed varies"
    seeds = min(len(finite(effect.values)) for effect in effects)
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
    found = finite(effect.control)
    if not found:
        return False
    # A control can be one trunk for all seeds: then there is nothing to test.
    if alike(found):
        return found[0] > 0
    return p_value(effect.control, effect.overlap) <= LEVEL and sum(found) > 0
