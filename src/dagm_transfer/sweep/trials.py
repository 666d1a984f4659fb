"""What a study has found: its trials, the Pareto set, and the trial to keep."""

import math
from dataclasses import dataclass
from typing import Any

from optuna import Study
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from dagm_transfer.core.errors import UserError

FEWEST = 4  # completed trials from which importances are worth a look


@dataclass(frozen=True)
class Row:
    """One completed trial.

    `to_target` is the whole budget where the target was not reached; None in a study of accuracy
    alone.
    """

    number: int
    accuracy: float
    to_target: int | None
    reached: bool
    point: dict[str, Any]


def rows(study: Study) -> list[Row]:
    """The completed trials, in their order."""
    return [_row(trial) for trial in study.get_trials(states=(TrialState.COMPLETE,))]


def pareto(study: Study) -> list[Row]:
    """The trials that none beats in both objectives, the most accurate first.

    Raises:
        UserError: no trial is complete.
    """
    if not rows(study):
        raise UserError(
            f"study {study.study_name}: no trial is complete yet; `dagm sweep run` adds some"
        )
    found = [_row(trial) for trial in study.best_trials]
    return sorted(found, key=lambda row: (-row.accuracy, row.to_target or 0, row.number))


def chosen(study: Study, number: int | None) -> Row:
    """The trial to keep: of the Pareto set the most accurate, or the one that is named.

    Raises:
        UserError: there is no completed trial of that number.
    """
    if number is None:
        return pareto(study)[0]
    for row in rows(study):
        if row.number == number:
            return row
    raise UserError(f"study {study.study_name}: trial {number} is not a completed one")


def importances(study: Study) -> dict[str, float]:
    """Share of the accuracy's variance that each parameter explains (Hutter 2014), largest first.

    Empty where too few trials are complete to say, or where they do not differ.
    """
    complete = rows(study)
    if len(complete) < FEWEST or len({row.accuracy for row in complete}) == 1:
        return {}
    evaluator = FanovaImportanceEvaluator(seed=0)
    found = get_param_importances(study, evaluator=evaluator, target=lambda trial: trial.values[0])
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _row(trial: FrozenTrial) -> Row:
    to_target = int(trial.values[1]) if len(trial.values) > 1 else None
    reached = bool(trial.user_attrs.get("reached target", False))
    return Row(trial.number, trial.values[0], to_target, reached, dict(trial.params))
