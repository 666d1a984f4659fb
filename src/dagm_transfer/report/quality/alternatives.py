"""What else could be done: reject nothing, reject everything, or take another run."""

import math

from dagm_transfer.inspection.thresholds.operating_point import Outcome
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.report.found.results import Groups, all_runs
from dagm_transfer.report.quality.inspected import Inspection, inspection_of
from dagm_transfer.report.quality.plain import cost_cell, count_cell
from dagm_transfer.report.tables.html_tables import Cell, Table

NOTHING, EVERYTHING = "reject nothing", "reject everything"
COLUMNS = ("what is done", "missed defects", "falsely rejected", "cost")
CAPTION = (
    "The same test images under every choice. Below a number stands where it may lie, with 95 % "
    "confidence, on as many other images of the same kind. The inspection was chosen on validation "
    "images; test images had no say in it, so another run may be cheaper here by chance."
)


def alternatives_table(chosen: Inspection, results: Groups) -> Table:
    """A row a choice, the chosen one first.

    Args:
        chosen: the champion.
        results: all runs.
    """
    costs = chosen.costs
    rows = [
        _row(chosen.run.begin.key, "this inspection", chosen.tested, costs),
        _certain(NOTHING, chosen.at(chosen.test, math.inf)),
        _certain(EVERYTHING, chosen.at(chosen.test, -math.inf)),
    ]
    for run in all_runs(results):
        if run is not chosen.run:
            note = "its training failed" if run.diverged else ""
            rows.append(_row(run.begin.key, note, inspection_of(run).tested, costs))
    return Table([("", name) for name in COLUMNS], rows, CAPTION)


def _certain(name: str, found: Outcome) -> list[Cell]:
    """A choice whose outcome is known before any image is seen: it has no interval."""
    return [
        Cell(name),
        Cell(f"{found.misses} of {found.defects}"),
        Cell(f"{found.false_alarms} of {found.normals}"),
        Cell(f"{found.cost:g}"),
    ]


def _row(name: str, note: str, found: Outcome, costs: Costs) -> list[Cell]:
    return [
        Cell(f"{name} ({note})" if note else name),
        count_cell(found.misses, found.defects),
        count_cell(found.false_alarms, found.normals),
        cost_cell(found, costs),
    ]
