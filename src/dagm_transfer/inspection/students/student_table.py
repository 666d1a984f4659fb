"""The table of students: what each is, what it takes, and what it is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import Cell, read_csv, to_csv

COUNTS = ("seed", "divisor", "filters", "parameters", "multiply_adds", "bytes", "iterations")
METRICS = (
    "val/accuracy", "val/dagm_cost", "test/accuracy", "test/accuracy_low", "test/accuracy_high",
    "test/defect_ap", "test/dagm_cost", "image/accuracy", "image/accuracy_low",
    "image/accuracy_high", "image/defect_ap", "image/dagm_cost",
)  # fmt: skip
COLUMNS = ("teacher", *COUNTS, "data", *METRICS)
TEACHER = 1  # the divisor in the row of the teacher itself


@dataclass(frozen=True)
class StudentRow:
    """One network: a student, or the teacher itself with the divisor 1.

    Attributes:
        teacher: the variant that it learned from, or NO_TEACHER.
        seed: of the student and of its teacher.
        divisor: one filter in so many.
        filters: of all convolutions.
        parameters: weights and biases.
        multiply_adds: for one input.
        bytes: of the weights' file.
        iterations: that it was trained for.
        data: digest of what it was trained and judged on.
        metrics: those of METRICS that there are; `_low` and `_high` end a 95 % interval over the
            images of this one network.
    """

    teacher: str
    seed: int
    divisor: int
    filters: int
    parameters: int
    multiply_adds: int
    bytes: int
    iterations: int
    data: str
    metrics: Mapping[str, float]


def write_students(path: Path, rows: Iterable[StudentRow]) -> None:
    """Write the table as CSV."""
    write_text(path, to_csv(map(_cells, rows), COLUMNS))


def read_students(path: Path) -> list[StudentRow]:
    """The rows of a table."""
    return [
        StudentRow(
            teacher=row["teacher"],
            **{name: int(row[name]) for name in COUNTS},
            data=row["data"],
            metrics={name: float(row[name]) for name in METRICS if row[name]},
        )
        for row in read_csv(path)
    ]


def _cells(row: StudentRow) -> dict[str, Cell]:
    counts: dict[str, Cell] = {name: getattr(row, name) for name in COUNTS}
    known = {name: value for name, value in row.metrics.items() if name in METRICS}
    return {"teacher": row.teacher, **counts, "data": row.data, **known}
