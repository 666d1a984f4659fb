"""A layer metric of every variant over depth, with the networks before training beside it."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.contents import Study
from dagm_transfer.report.depths import LAST, start_name
from dagm_transfer.report.figures.base import Figure
from dagm_transfer.report.figures.depths import Scale, depth_figure
from dagm_transfer.report.found.results import Groups, Result, any_layers, with_layers
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table


def measured(study: Study) -> str:
    """What layer metrics are of."""
    return f"{any_layers(study.results).inputs} test {study.unit}"


def one_an_image(study: Study) -> str:
    """What those are of in which siblings would read as neighbours."""
    one = ", one an image" if study.unit == "patches" else ""
    return f"{measured(study)}{one}"


def over_depth(
    study: Study, metric: str, title: str, ylabel: str, *, scale: Scale, control: bool
) -> Figure:
    """One metric against depth; `control` draws the told networks before training in grey."""
    values = {
        variant: [layers.values[metric] for _, layers in of]
        for variant, of in with_layers(study.results).items()
    }
    before = told_starts(study).items() if control else ()
    controls = {
        f"{name}, before training": [
            fmean(each)
            for each in zip(*(run.over_depth(f"{metric}_initial") for run in of), strict=True)
        ]
        for name, of in before
    }
    names = any_layers(study.results).names
    return depth_figure(values, controls, names, title, ylabel, scale)


def last_table(
    study: Study,
    columns: Mapping[str, tuple[str, str]],
    form: Callable[[float], str],
    first: str,
    caption: str,
) -> Table:
    """Layer metrics of the last convolution: a row a variant, then one a way to start.

    Args:
        study: whose runs.
        columns: the heading and the name of each metric's column.
        form: a number as text; a dash stands where there is none.
        first: the name of the first column.
        caption: of the table.
    """
    rows = [
        *((name, runs, "") for name, runs in study.results.items()),
        *(
            (f"{name}, before training", runs, "_initial")
            for name, runs in starts(study.results).items()
        ),
    ]

    def cell(runs: list[Result], metric: str) -> Cell:
        return _cell(finite_mean(run.layer(metric, LAST) for run in runs), form)

    return Table(
        columns=[("", first), *columns.values()],
        rows=[
            [Cell(name), *(cell(runs, f"{metric}{when}") for metric in columns)]
            for name, runs, when in rows
        ],
        caption=caption,
    )


def numbers_table(
    columns: Mapping[str, Mapping[str, float]],
    forms: Sequence[Callable[[float], str]],
    caption: str,
) -> Table:
    """A row a variant.

    Args:
        columns: by name, the number of each variant.
        forms: of each column, a number as text; a dash stands where there is none.
        caption: of the table.
    """
    variants = next(iter(columns.values()))
    return Table(
        columns=[("", name) for name in ("variant", *columns)],
        rows=[
            [
                Cell(variant),
                *(
                    _cell(values[variant], form)
                    for form, values in zip(forms, columns.values(), strict=True)
                ),
            ]
            for variant in variants
        ],
        caption=caption,
    )


def _cell(value: float, form: Callable[[float], str]) -> Cell:
    return Cell(form(value) if math.isfinite(value) else DASH)


def starts(results: Groups) -> dict[str, list[Result]]:
    """The runs of each way to start: from the source trunk, from fresh ones, from controls.

    Those whose layers were measured.
    """
    found: dict[str, list[Result]] = {}
    for run, _ in (pair for of in with_layers(results).values() for pair in of):
        found.setdefault(start_name(run.begin.params["variant"]), []).append(run)
    return found


def told_starts(study: Study) -> dict[str, list[Result]]:
    """Those that a told variant has, of all runs that have them; all, if none is told."""
    every, told = starts(study.results), starts(study.told)
    return {name: of for name, of in every.items() if name in told} or every


def before_training(study: Study, metric: str, depths: Iterable[int]) -> dict[str, float]:
    """A layer metric of each way to start of those told: the mean over runs and depths."""
    chosen = list(depths)
    return {
        name: finite_mean(run.layer(f"{metric}_initial", chosen) for run in of)
        for name, of in told_starts(study).items()
    }
