"""The tables of the students' page: what each is worth, and what it takes."""

from collections.abc import Sequence
from statistics import fmean, median

from dagm_transfer.inspection.students.paths import NO_TEACHER
from dagm_transfer.inspection.students.student_table import TEACHER, StudentRow
from dagm_transfer.report.students.student_results import StudentResults, accuracy_interval
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table, share_cell

ALONE = "labels alone"
KIBI = 1024


def called(teacher: str) -> str:
    """A class of students in words."""
    return ALONE if teacher == NO_TEACHER else f"taught by {teacher}"


def worth_table(results: StudentResults, images: int, unit: str) -> Table:
    """A row a size, under each teacher what its students are worth on test.

    Args:
        results: the students.
        images: that were tested.
        unit: what they were cut into, in words.
    """
    over_images = "test/defect_ap", "image/defect_ap"
    metrics = [name for name in over_images if any(name in r.metrics for r in results.rows)]
    names = {"test/defect_ap": f"AP, {unit}", "image/defect_ap": "AP, whole images"}
    columns = [("", "filters")]
    for teacher in results.teachers:
        columns += [
            (called(teacher), name) for name in ("accuracy", *(names[metric] for metric in metrics))
        ]
    rows = [
        [
            Cell(_size(divisor)),
            *(
                cell
                for teacher in results.teachers
                for cell in _worth(results.of(teacher, divisor), metrics, images, results.overlap)
            ),
        ]
        for divisor in (TEACHER, *results.divisors)
    ]
    return Table(
        columns=columns,
        rows=rows,
        caption=f"On test {unit}: accuracy at the largest logit, below it its 95 % interval (over "
        "the seeds, for a single one over the images), and average precision of defects (AP). "
        "The first row is the teacher itself.",
    )


def sizes_table(results: StudentResults) -> Table:
    """A row a size: what it is made of, what it takes on disk, and for how long it is asked."""
    columns = ["filters", "in all", "parameters", "multiply-adds", "weights", "iterations",
               "ms alone", "ms of 32"]  # fmt: skip
    return Table(
        columns=[("", name) for name in columns],
        rows=[_size_row(results, divisor) for divisor in (TEACHER, *results.divisors)],
        caption="Multiply-adds of one window. Milliseconds a window in ONNX Runtime on a CPU, "
        "alone and in a batch of 32: the median of 20 rounds, and of the students of a size, as "
        "measured in passing where they were judged. Iterations are those of the students.",
    )


def _worth(
    rows: Sequence[StudentRow], metrics: Sequence[str], images: int, overlap: float
) -> list[Cell]:
    if not rows:
        return [Cell(DASH)] * (1 + len(metrics))
    accuracy = fmean(row.metrics["test/accuracy"] for row in rows)
    cells = [share_cell(accuracy, accuracy_interval(rows, images, overlap))]
    for name in metrics:
        values = [row.metrics[name] for row in rows if name in row.metrics]
        cells.append(Cell(f"{fmean(values):.3f}" if values else DASH))
    return cells


def _size_row(results: StudentResults, divisor: int) -> list[Cell]:
    rows = [row for row in results.rows if row.divisor == divisor]
    measured = [each for (_, _, size), each in results.latencies.items() if size == divisor]
    one = rows[0]
    trained = DASH if divisor == TEACHER else f"{one.iterations:,}"
    return [
        Cell(_size(divisor)),
        Cell(f"{one.filters:,}"),
        Cell(f"{one.parameters:,}"),
        Cell(f"{one.multiply_adds / 1e6:,.2f} M"),
        Cell(f"{one.bytes / KIBI:,.0f} KiB"),
        Cell(trained),
        *(Cell(f"{median(each[name] for each in measured):.2f}") for name in ("alone", "together")),
    ]


def _size(divisor: int) -> str:
    return "all: the teacher" if divisor == TEACHER else f"1/{divisor}"
