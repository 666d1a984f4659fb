"""The page of a sweep: figures and tables of what it found, beside its trials' logs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optuna import Study
from optuna.trial import TrialState

from dagm_transfer.core.files import beside, write_json, write_text
from dagm_transfer.params import Params
from dagm_transfer.report.figures.base import Figure, png_of
from dagm_transfer.report.figures.studies import (
    Dot,
    front_figure,
    history_figure,
    importances_figure,
    learning_rate_figure,
)
from dagm_transfer.report.pages.render import render
from dagm_transfer.sweep.study import REPEATED
from dagm_transfer.sweep.trials import Row, importances, pareto, rows


def write_page(study: Study, params: Params, facts: Mapping[str, Any], folder: Path) -> None:
    """Write `index.html`, `figures/*.png` and `best.json` into the folder of a study.

    Raises:
        UserError: no trial is complete.
    """
    best = pareto(study)
    shares = importances(study)
    pngs = {name: png_of(figure) for name, figure in _figures(study, params, best, shares).items()}
    for name, png in pngs.items():
        with beside(folder / "figures" / f"{name}.png") as draft:
            draft.write_bytes(png)
    complete = rows(study)
    write_json(folder / "best.json", {
        "trials": len(complete),
        "accuracy": best[0].accuracy,
        "to_target": best[0].to_target,
        **best[0].point,
    })  # fmt: skip
    logs = sorted(path.name for path in (folder / "logs").glob("trial-*.jsonl"))
    content = {
        "study": study.study_name,
        "sweep": params.sweep,
        "facts": facts,
        "complete": complete,
        "failed": _failed(study),
        "pruned": _pruned(study),
        "best": best,
        "names": list(params.sweep.space),
        "logs": {int(name.removeprefix("trial-").removesuffix(".jsonl")): name for name in logs},
    }
    write_text(folder / "index.html", render("sweep.html.j2", content, pngs))


def _figures(
    study: Study, params: Params, best: list[Row], shares: dict[str, float]
) -> dict[str, Figure]:
    target, numbers = params.sweep.target, {row.number for row in best}
    dots = [_dot(row, params, best=row.number in numbers) for row in rows(study)]
    name = study.study_name
    figures = {
        "history": history_figure(
            dots, [number for number, _ in _failed(study)], target, f"{name}: trials in their order"
        ),
    }
    if "learning_rate" in params.sweep.space:
        figures["learning_rate"] = learning_rate_figure(
            dots, target, f"{name}: accuracy over learning rate"
        )
    if len(study.directions) > 1:
        figures["front"] = front_figure(dots, target, f"{name}: accurate and fast")
    if shares:
        figures["importances"] = importances_figure(
            shares, f"{name}: what the accuracy hangs on, in this space"
        )
    return figures


def _dot(row: Row, params: Params, *, best: bool) -> Dot:
    settings, _ = params.point(row.point)
    return Dot(
        trial=row.number,
        accuracy=row.accuracy,
        iterations=row.to_target,
        reached=row.reached,
        learning_rate=settings.phases[0].learning_rate,
        depth=settings.phases[0].trainable_from,
        best=best,
    )


def _pruned(study: Study) -> list[tuple[int, float, int]]:
    """Numbers of pruned trials, the accuracy that they had, and after how many iterations."""
    return [
        (trial.number, trial.intermediate_values[trial.last_step], trial.last_step)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.PRUNED,))
        if trial.last_step is not None
    ]


def _failed(study: Study) -> list[tuple[int, str]]:
    """Numbers of failed trials, and why."""
    return [
        (trial.number, trial.user_attrs.get("error", "unknown"))
        for trial in study.get_trials(deepcopy=False, states=(TrialState.FAIL,))
        if trial.user_attrs.get("error") != REPEATED
    ]
