"""What students are worth, as their tables say: read by their own page and by others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.inspection.students.paths import NO_TEACHER, STUDENTS_TABLE, ClassPaths
from dagm_transfer.inspection.students.settings import Students
from dagm_transfer.inspection.students.student_table import TEACHER, StudentRow, read_students
from dagm_transfer.metrics.intervals import seed_interval
from dagm_transfer.report.found.results import overlap_of

Latency = Mapping[str, float]  # milliseconds a window: `alone`, and `together` with others


@dataclass(frozen=True)
class StudentResults:
    """All students of a project, of one set of data.

    Attributes:
        rows: teachers' own rows among them.
        latencies: by teacher, seed and divisor.
        overlap: of the data of the seeds.
    """

    rows: Sequence[StudentRow]
    latencies: Mapping[tuple[str, int, int], Latency]
    overlap: float

    @property
    def teachers(self) -> list[str]:
        """Those that students have, and last those that learn from the labels alone."""
        return list(dict.fromkeys(row.teacher for row in self.rows))

    @property
    def divisors(self) -> list[int]:
        """The sizes, from the largest network to the smallest."""
        return sorted({row.divisor for row in self.rows} - {TEACHER})

    def of(self, teacher: str, divisor: int) -> list[StudentRow]:
        """The rows of all seeds; TEACHER is the divisor of the teacher's own."""
        return [row for row in self.rows if (row.teacher, row.divisor) == (teacher, divisor)]

    def by_seed(self, teacher: str, divisor: int, metric: str) -> dict[int, float]:
        """A metric of the students of a size, by seed."""
        rows = self.of(teacher, divisor)
        return {row.seed: row.metrics[metric] for row in rows if metric in row.metrics}


def gather_students(settings: Students, data: Prepared, root: Path) -> StudentResults:
    """The students that the parameters name.

    Args:
        settings: which ones those are.
        data: that they have to be of.
        root: where the pipeline runs.

    Raises:
        UserError: a table is not there, or of other data.
    """
    rows: list[StudentRow] = []
    latencies: dict[tuple[str, int, int], Latency] = {}
    for teacher in (*settings.teachers, NO_TEACHER):
        for seed in settings.seeds:
            paths = ClassPaths(teacher, seed)
            found = _read(root / paths.table, f"dagm students run {teacher} --seed {seed}")
            rows += found
            if not _all_of(data, found):
                raise UserError(
                    f"{paths.table}: of other data than data/prepared; "
                    "`dvc repro students/dvc.yaml` trains on these"
                )
            timings: dict[str, Latency] = read_json(root / paths.timings)
            latencies |= {(teacher, seed, int(divisor)): each for divisor, each in timings.items()}
    return StudentResults(rows, latencies, overlap_of(data.facts))


def students_of(root: Path, data: Prepared) -> StudentResults | None:
    """All students of just these data, with their teachers; None where there are none.

    Args:
        root: where the pipeline runs.
        data: with folds, a student has those of its seed.
    """
    path = root / STUDENTS_TABLE
    rows = [row for row in (read_students(path) if path.exists() else []) if _all_of(data, [row])]
    return StudentResults(rows, {}, overlap_of(data.facts)) if rows else None


def accuracy_interval(
    rows: Sequence[StudentRow], images: int, overlap: float
) -> tuple[float, float]:
    """The 95 % interval of a test accuracy: over the seeds, for a single one over the images.

    Args:
        rows: of one teacher and size, one a seed.
        images: that were tested.
        overlap: of the seeds' data.
    """
    if len(rows) > 1:
        return seed_interval([row.metrics["test/accuracy"] for row in rows], images, overlap)
    return rows[0].metrics["test/accuracy_low"], rows[0].metrics["test/accuracy_high"]


def _all_of(data: Prepared, rows: Sequence[StudentRow]) -> bool:
    return all(row.data == data.for_seed(row.seed).facts["digest"] for row in rows)


def _read(path: Path, command: str) -> list[StudentRow]:
    if not path.exists():
        raise UserError(f"{path}: not there yet; `{command}` makes it")
    return read_students(path)
