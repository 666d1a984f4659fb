"""The page of a sweep: figures and tables of what it found, beside its trials' logs."""

from collections.abc import Mapping
from typing import Any

from optuna import Study
from optuna.trial import TrialState

from dagm_transfer.core.files import beside, write_json, write_text
from dagm_transfer.params import Params
from dagm_transfer.report.figures import studies
from dagm_transfer.report.figures.base import Figure, png_of
from dagm_transfer.report.pages.render import embedded, render
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.sweep.study import error_of, is_repeated
from dagm_transfer.sweep.trials import Row, importances, pareto, rows


def write_page(study: Study, params: Params, facts: Mapping[str, Any], paths: SweepPaths) -> None:
    """Write `index.html`, `figures/*.png` and `best.json` into the folder of a study.

    Raises:
        UserError: no trial is complete.
    """
    best, trials = pareto(study), study.get_trials()
    failed = [(t.number, error_of(t)) for t in trials if t.state == TrialState.FAIL]
    pruned = [
        (t.number, t.value, t.last_step)
        for t in trials
        if t.state == TrialState.PRUNED and not is_repeated(t)
    ]
    figures = _figures(study, params, best, [number for number, _ in failed])
    pngs = {name: png_of(figure) for name, figure in figures.items()}
    for name, png in pngs.items():
        with beside(paths.folder / "figures" / f"{name}.png") as draft:
            draft.write_bytes(png)
    found = {"accuracy": best[0].accuracy, "to_target": best[0].to_target, **best[0].point}
    write_json(paths.folder / "best.json", {"trials": len(rows(study)), **found})
    logs = {t.number: paths.log(t.number).name for t in trials if paths.log(t.number).exists()}
    content = {
        "study": study.study_name,
        "sweep": params.sweep,
        "facts": facts,
        "complete": rows(study),
        "failed": failed,
        "pruned": pruned,
        "best": best,
        "names": list(params.sweep.space),
        "logs": logs,
    }
    write_text(paths.folder / "index.html", render("sweep.html.j2", content, embedded(pngs)))


def _figures(study: Study, params: Params, best: list[Row], failed: list[int]) -> dict[str, Figure]:
    target, numbers, name = params.sweep.target, {row.number for row in best}, study.study_name
    dots = [_dot(row, params, best=row.number in numbers) for row in rows(study)]
    history = studies.history_figure(dots, failed, target, f"{name}: trials in their order")
    figures = {"history": history}
    if "learning_rate" in params.sweep.space:
        title = f"{name}: accuracy over learning rate"
        figures["learning_rate"] = studies.learning_rate_figure(dots, target, title)
    elif "trainable_from" in params.sweep.space:
        title = f"{name}: accuracy over what is frozen"
        figures["freezing"] = studies.freezing_figure(dots, target, title)
    if len(study.directions) > 1:
        figures["front"] = studies.front_figure(dots, target, f"{name}: accurate and fast")
    if shares := importances(study):
        title = f"{name}: what the accuracy depends on, in this space"
        figures["importances"] = studies.importances_figure(shares, title)
    return figures


def _dot(row: Row, params: Params, *, best: bool) -> studies.Dot:
    phase = params.point(row.point)[0].phases[0]
    return studies.Dot(
        trial=row.number,
        accuracy=row.accuracy,
        iterations=row.to_target,
        reached=row.reached,
        learning_rate=phase.learning_rate,
        depth=phase.trainable_from,
        best=best,
    )
