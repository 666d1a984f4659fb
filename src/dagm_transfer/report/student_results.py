"""What the students' pipeline found: small networks that learnt from runs, and their worth."""

from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.tables import read_csv

STUDENTS = Path("reports/students/students.csv")


@dataclass(frozen=True)
class StudentRow:
    """One student.

    Attributes:
        teacher: the variant that it learnt from.
        divisor: it has one filter for so many of the teacher's.
        parameters: how many numbers it has.
        metrics: the others, `test/accuracy` among them; those that it lacks are left out.
    """

    teacher: str
    divisor: int
    parameters: int
    metrics: dict[str, float]


def students_of(root: Path, digest: str) -> list[StudentRow] | None:
    """The students that were trained on these data; None where there are none.

    Args:
        root: where the pipeline runs.
        digest: of the data.
    """
    if not (root / STUDENTS).exists():
        return None
    rows = [row for row in read_csv(root / STUDENTS) if row["data"] == digest]
    return [_student(row) for row in rows] or None


def _student(row: dict[str, str]) -> StudentRow:
    return StudentRow(
        teacher=row["teacher"],
        divisor=int(row["divisor"]),
        parameters=int(row["parameters"]),
        metrics={name: float(value) for name, value in row.items() if "/" in name and value},
    )
