"""The claims with their verdicts, as a table of the page and as JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagm_transfer.metrics.intervals import mean_interval
from dagm_transfer.report.claims.claim import Claim
from dagm_transfer.report.claims.evidence import BySeed, Evidence
from dagm_transfer.report.claims.features import OF_FEATURES
from dagm_transfer.report.claims.pictures import OF_PICTURES
from dagm_transfer.report.claims.significance import Effect, holm, least_distance, significance
from dagm_transfer.report.claims.training import OF_TRAINING
from dagm_transfer.report.claims.verdict import Decision, Verdict, decide
from dagm_transfer.report.contents import Study
from dagm_transfer.report.tables.html_tables import DASH

# A claim about transfer has to hold in a gentle recipe and near the edge of stability.
RECIPES = ("finetune", "finetune_edge")
CLAIMS = (*OF_TRAINING, *OF_FEATURES, *OF_PICTURES)
CAPTION = (
    "Each number is above 0 where the claim is true: the mean over seeds, with Student's 95 % "
    "interval of that number alone; p-values are two-sided. A claim about transfer has to hold in "
    "both recipes, two ways of fine-tuning: {recipes}. It holds where all its numbers are above 0 "
    "in both at the level of 5 % over all rows together (the largest of their p-values, with "
    "Holm's correction; a number above 0 that is the same in every seed is met), with at least "
    "five seeds and networks that are right on 99 % of validation; it does not hold where one of "
    "them lies on the other side as surely in each. Behind 'control' stands the same number of "
    "the control, which is the network before training where the row names no other: where that "
    "is above 0 as surely, the verdict says so. One source trunk stands behind all of them. The "
    "row that begins with 'Ours' is not the study's."
)
STRICT = (
    " A row can be undecided although no interval in it reaches 0: over all rows together ({rows} "
    "were tested) the surest has to lie {distance:.1f} times the seeds' standard deviation away "
    "from 0 where there are five of them, in every number and in both recipes."
)
OF_FOLDS = (
    " Each seed trained and tested on another fold: intervals and tests are widened for the "
    "training images that folds share (Nadeau and Bengio 2003)."
)

STYLES: Mapping[Verdict, str] = {  # the name of a verdict's look on the page
    "holds": "holds",
    "holds, but the control shows it as well": "control",
    "does not hold": "fails",
    "undecided": "undecided",
    "not tested at this scale": "untested",
}


@dataclass(frozen=True)
class Row:
    """A claim, its effects in each recipe that was run, and the verdict."""

    claim: Claim
    effects: Mapping[str, Sequence[Effect]]
    decision: Decision


@dataclass(frozen=True)
class Shown:
    """A row in words."""

    claim: Claim
    measured: Sequence[str]
    decision: Decision
    style: str


def decided(study: Study) -> list[Row]:
    """Every claim with its verdict."""
    recipes = {name: Evidence(study, name) for name in RECIPES if name in study.results}
    found = [
        (claim, {name: list(claim.effects(evidence)) for name, evidence in recipes.items()})
        for claim in CLAIMS
    ]
    adjusted = holm([significance(effects).p_value for _, effects in found])
    return [
        Row(claim, effects, decide(effects, RECIPES, p, claim.control))
        for (claim, effects), p in zip(found, adjusted, strict=True)
    ]


def caption_of(rows: Sequence[Row], overlap: float) -> str:
    """How the rows are read, and what it takes to decide one.

    Args:
        rows: all that were tested together.
        overlap: of the seeds' data, see `seed_error`; above 0 each has a fold of its own.
    """
    said = CAPTION.format(recipes=", ".join(RECIPES))
    tested = sum(math.isfinite(significance(row.effects).p_value) for row in rows)
    if tested:
        said += STRICT.format(rows=tested, distance=least_distance(tested, overlap))
    return f"{said}{OF_FOLDS if overlap else ''}"


def shown(rows: Sequence[Row]) -> list[Shown]:
    """The rows as they stand on the page."""
    return [
        Shown(
            claim=row.claim,
            measured=_measured(row),
            decision=row.decision,
            style=STYLES[row.decision.verdict],
        )
        for row in rows
    ]


def claims_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with every number that they rest on."""
    return [
        {
            "name": row.claim.name,
            "claim": row.claim.statement,
            "published": row.claim.published,
            "rule": row.claim.rule,
            "effects": [
                {"recipe": name, "what": e.what, "by_seed": _json(e.values),
                 "control_by_seed": _json(e.control),
                 "accuracies": {name: _json(by_seed) for name, by_seed in e.accuracies.items()}}
                for name, effects in row.effects.items()
                for e in effects
            ],
            "verdict": row.decision.verdict,
            "reason": row.decision.reason,
        }
        for row in rows
    ]  # fmt: skip


def _measured(row: Row) -> list[str]:
    """Each effect's numbers beside its control's, named by its recipe where there are several."""
    several = len(row.effects) > 1
    return [
        f"{f'{name}: ' if several else ''}{effect.what}: {_mean(effect.values, effect)}"
        f"{f'; control {_mean(effect.control, effect)}' if effect.control else ''}"
        for name, effects in row.effects.items()
        for effect in effects
    ]


def _mean(values: BySeed, effect: Effect) -> str:
    """The mean over seeds with its interval; a dash where no seed has a value."""
    found = [value for value in values.values() if math.isfinite(value)]
    if not found:
        return DASH
    mean = math.fsum(found) / len(found)
    if len(found) == 1:
        return f"{mean:+.3g} ({'measured once' if effect.once else 'one seed'})"
    if max(found) == min(found):
        return f"{mean:+.3g} (in all of {len(found)} seeds)"
    low, high = mean_interval(found, effect.overlap)
    return f"{mean:+.3g} [{low:+.3g}, {high:+.3g}]"


def _json(values: BySeed) -> dict[str, float | None]:
    return {str(seed): value if math.isfinite(value) else None for seed, value in values.items()}
