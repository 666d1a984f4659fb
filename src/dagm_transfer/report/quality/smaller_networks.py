"""Accuracy against size: the network in use beside the students that learned from runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagm_transfer.report.contents import Drawing
from dagm_transfer.report.found.results import Result
from dagm_transfer.report.quality.network_size import NetworkSize
from dagm_transfer.report.students.student_figure import FIGURE_CAPTION, accuracy_against_size
from dagm_transfer.report.students.student_results import StudentResults
from dagm_transfer.report.students.student_tables import called
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table, percent

ACCURACY = "test/accuracy"
PRECISION = ("image/defect_ap", "test/defect_ap")  # whole images judged by windows, or as they are
COLUMNS = ("network", "filters", "parameters", "accuracy", "average precision")
CAPTION = (
    "Accuracy is on the test {}; average precision on whole test images says how well defects rank "
    "above good images at any threshold (1 is perfect). Students have a share of the filters and "
    "learned to answer as a run does, or from the labels alone."
)
OF_FOLDS = (
    " Each was tested on the fold of its seed: {} on that of seed {}, the students on that of {}."
)
IN_USE = "(in use)"


@dataclass(frozen=True)
class Smaller:
    """The students in a figure and a table."""

    drawing: Drawing
    table: Table


def smaller_networks(
    run: Result, own: NetworkSize, students: StudentResults, facts: Mapping[str, Any], unit: str
) -> Smaller:
    """What smaller networks are worth.

    Args:
        run: in use.
        own: size of its network.
        students: of the same data.
        facts: of the data.
        unit: what accuracy is measured on.
    """
    drawing = Drawing(
        "sizes",
        accuracy_against_size(students, facts),
        "Accuracy of students against their number of filters",
        FIGURE_CAPTION,
    )
    rows = [_row(f"{run.begin.variant} {IN_USE}", "all", own.parameters, run.metrics)]
    rows += [
        _row(called(each.teacher), f"1/{each.divisor}", each.parameters, each.metrics)
        for divisor in students.divisors
        for teacher in students.teachers
        for each in students.of(teacher, divisor)
    ]
    caption = CAPTION.format(unit)
    if facts.get("folds", 1) > 1:
        seeds = ", ".join(map(str, sorted({row.seed for row in students.rows})))
        caption += OF_FOLDS.format(run.begin.variant, run.begin.seed, seeds)
    table = Table([("", name) for name in COLUMNS], rows, caption)
    return Smaller(drawing, table)


def _row(teacher: str, filters: str, parameters: int, metrics: Mapping[str, float]) -> list[Cell]:
    precision = next((metrics[name] for name in PRECISION if name in metrics), None)
    return [
        Cell(teacher),
        Cell(filters),
        Cell(f"{parameters:,}"),
        Cell(percent(metrics[ACCURACY]) if ACCURACY in metrics else DASH),
        Cell(DASH if precision is None else f"{precision:.3f}"),
    ]
