"""Accuracy against size: the network in use beside the students that learnt from runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dagm_transfer.report.contents import Drawing
from dagm_transfer.report.figures.sizes import sizes_figure
from dagm_transfer.report.html_tables import DASH, Cell, Table, percent
from dagm_transfer.report.quality.network_size import NetworkSize
from dagm_transfer.report.results import Result
from dagm_transfer.report.student_results import StudentRow

ACCURACY = "test/accuracy"
PRECISION = ("image/defect_ap", "test/defect_ap")  # whole images judged by windows, or as they are
COLUMNS = ("learnt from", "filters", "parameters", "accuracy", "average precision")
CAPTION = (
    "Accuracy is on the test {}; average precision on whole test images says how well defects rank "
    "above good images at any threshold (1 is perfect). Students have a share of the filters and "
    "learnt to answer as the run that they are named after."
)
IN_USE = "(in use)"


@dataclass(frozen=True)
class Smaller:
    """The students in a figure and a table."""

    drawing: Drawing
    table: Table


def smaller_networks(
    run: Result, own: NetworkSize, students: Sequence[StudentRow], unit: str
) -> Smaller:
    """What smaller networks are worth.

    Args:
        run: in use.
        own: size of its network.
        students: at least one.
        unit: what accuracy is measured on.
    """
    ranked = sorted(students, key=lambda each: (each.teacher, each.parameters))
    lines = {
        teacher: _line([each for each in ranked if each.teacher == teacher])
        for teacher in dict.fromkeys(each.teacher for each in ranked)
    }
    drawing = Drawing(
        "sizes",
        sizes_figure(lines, (own.parameters, run.metrics[ACCURACY]), f"accuracy on test {unit}"),
        "Accuracy of students against their number of parameters",
        "Each mark is a network; further left it is smaller.",
    )
    rows = [_row(f"{run.begin.variant} {IN_USE}", "all", own.parameters, run.metrics)]
    rows += [
        _row(each.teacher, f"1/{each.divisor}", each.parameters, each.metrics)
        for each in reversed(ranked)
    ]
    table = Table([("", name) for name in COLUMNS], rows, CAPTION.format(unit))
    return Smaller(drawing, table)


def _line(students: Sequence[StudentRow]) -> tuple[list[float], list[float]]:
    """Parameters and accuracies; of several seeds of a size each is a mark."""
    known = [each for each in students if ACCURACY in each.metrics]
    return [float(each.parameters) for each in known], [each.metrics[ACCURACY] for each in known]


def _row(teacher: str, filters: str, parameters: int, metrics: Mapping[str, float]) -> list[Cell]:
    precision = next((metrics[name] for name in PRECISION if name in metrics), None)
    return [
        Cell(teacher),
        Cell(filters),
        Cell(f"{parameters:,}"),
        Cell(percent(metrics[ACCURACY]) if ACCURACY in metrics else DASH),
        Cell(DASH if precision is None else f"{precision:.3f}"),
    ]
