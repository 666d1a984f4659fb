"""Where students leave what they are."""

from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.events.log import LogFiles

NO_TEACHER = "none"  # whose students learn from the labels alone
STUDENTS = Path("reports/students")
STUDENTS_PAGE = STUDENTS / "index.html"
STUDENTS_TABLE = STUDENTS / "students.csv"
STUDENTS_FIGURES = STUDENTS / "figures"


@dataclass(frozen=True)
class ClassPaths:
    """What the students of one teacher and seed leave, below the folder that the pipeline runs in.

    `teacher` is a variant, or NO_TEACHER.
    """

    teacher: str
    seed: int

    @property
    def key(self) -> str:
        """The name of the class."""
        return f"{self.teacher}-s{self.seed}"

    @property
    def inspectors(self) -> Path:
        """A folder for each student."""
        return Path("models/students") / self.key

    def inspector(self, divisor: int) -> Path:
        """The student with one filter in so many: weights, card and ONNX file."""
        return self.inspectors / size_name(divisor)

    @property
    def results(self) -> Path:
        """Table, timings and logs."""
        return STUDENTS / "classes" / self.key

    @property
    def table(self) -> Path:
        """One row a student, and one for the teacher."""
        return self.results / "students.csv"

    @property
    def timings(self) -> Path:
        """How long each takes for a window."""
        return self.results / "timings.json"

    @property
    def logs(self) -> Path:
        """The event logs of their trainings."""
        return self.results / "logs"

    def log(self, divisor: int) -> LogFiles:
        """The event log of one training."""
        return LogFiles.at(self.logs / f"{size_name(divisor)}.jsonl")


def size_name(divisor: int) -> str:
    """How files of a size are called.

    >>> size_name(64)
    '1_64'
    """
    return f"1_{divisor}"
