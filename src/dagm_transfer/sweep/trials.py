"""What a study has found: its trials, the Pareto front, and what the accuracy depends on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from optuna import Study
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.table import Table

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_text
from dagm_transfer.sweep.search_space import Point
from dagm_transfer.sweep.settings import Sweep
from dagm_transfer.sweep.study import error_of, is_repeated

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
    point: Point


def rows(study: Study) -> list[Row]:
    """The completed trials, in their order."""
    return [_row(trial) for trial in study.get_trials(states=(TrialState.COMPLETE,))]


def pareto(study: Study) -> list[Row]:
    """The trials that none beats in both objectives, the most accurate first.

    Raises:
        UserError: no trial is complete.
    """
    found = [_row(trial) for trial in study.best_trials]
    if not found:
        raise UserError(
            f"study {study.study_name}: no trial is complete yet; `dagm sweep run` adds some"
        )
    return sorted(found, key=lambda row: (-row.accuracy, row.to_target or 0, row.number))


def number_trained(study: Study) -> int:
    """How many trials were trained, to the end or until they were pruned."""
    trained = (TrialState.COMPLETE, TrialState.PRUNED)
    return sum(not is_repeated(t) for t in study.get_trials(deepcopy=False, states=trained))


def summary(trial: FrozenTrial) -> str:
    """What a trial tried, and what came of it."""
    tried = ", ".join(f"{name} {shown(value)}" for name, value in trial.params.items())
    if trial.state == TrialState.FAIL:
        return f"{tried}  failed: {error_of(trial)}"
    accuracy = f"{tried}  {trial.values[0]:.1%} on validation at the end"
    if trial.state == TrialState.PRUNED:
        return f"{accuracy}, pruned after {trial.last_step} iterations"
    row = _row(trial)
    reached = "" if row.to_target is None else f" after {row.to_target} iterations"
    return f"{accuracy}, the target {f'first reached{reached}' if row.reached else 'never reached'}"


def importances(study: Study) -> dict[str, float]:
    """Share of the accuracy's variance that each parameter explains (Hutter 2014), largest first.

    Empty where too few trials are complete to say, or where they do not differ.
    """
    accuracies = [row.accuracy for row in rows(study)]
    if len(accuracies) < FEWEST or len(set(accuracies)) == 1:
        return {}
    evaluator = FanovaImportanceEvaluator(seed=0)
    found = get_param_importances(study, evaluator=evaluator, target=lambda trial: trial.values[0])
    return {name: value for name, value in found.items() if math.isfinite(value)}


def write_table(study: Study, path: Path) -> None:
    """Every trial of the study as a row of CSV."""
    what = ("number", "state", "values" if len(study.directions) > 1 else "value", "params")
    write_text(path, study.trials_dataframe(what).to_csv(index=False))


def print_rows(known: Sequence[Row], sweep: Sweep) -> None:
    """Print completed trials, one a line, on the standard output."""
    table = Table(box=None, pad_edge=False)
    names = [name.replace("_", " ") for name in sweep.space]
    for heading in ("trial", "validation accuracy", f"iterations to {sweep.target:.1%}", *names):
        table.add_column(heading, justify="right")
    for row in known:
        reached = "reached" if row.to_target is None else str(row.to_target)
        table.add_row(
            str(row.number),
            f"{row.accuracy:.1%}",
            reached if row.reached else f"not in {sweep.iterations}",
            *(shown(row.point[name]) for name in sweep.space),
        )
    Console(highlight=False, soft_wrap=True).print(table)


def shown(value: object) -> str:
    """A setting as people write it.

    >>> shown(0.00123456), shown(14), shown(True)
    ('0.00123', '14', 'True')
    """
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _row(trial: FrozenTrial) -> Row:
    to_target = int(trial.values[1]) if len(trial.values) > 1 else None
    reached = bool(trial.user_attrs.get("reached"))
    return Row(trial.number, trial.values[0], to_target, reached, dict(trial.params))
