"""The figure of students: accuracy against size, on their own page and on the one on quality."""

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from dagm_transfer.inspection.students.paths import NO_TEACHER
from dagm_transfer.inspection.students.student_table import TEACHER
from dagm_transfer.report.figures.base import Figure
from dagm_transfer.report.figures.students import SizedAccuracy, students_figure
from dagm_transfer.report.students.student_results import StudentResults, accuracy_interval

FIGURE_CAPTION = (
    "Each mark is a size, with its 95 % interval; marks of one size are set apart sideways where "
    "they would cover each other. Dotted lines are the teachers themselves. Students of the labels "
    "alone are the control: what they reach, no teacher gave."
)


def accuracy_against_size(results: StudentResults, facts: Mapping[str, Any]) -> Figure:
    """Test accuracy of every size, for each teacher and without one.

    Args:
        results: the students.
        facts: of the data.
    """

    def points(teacher: str) -> list[SizedAccuracy]:
        found = []
        for divisor in results.divisors:
            rows = results.of(teacher, divisor)
            accuracy = fmean(row.metrics["test/accuracy"] for row in rows)
            ends = accuracy_interval(rows, facts["images"]["test"], results.overlap)
            found.append(SizedAccuracy(rows[0].filters, divisor, accuracy, *ends))
        return found

    taught = [name for name in results.teachers if name != NO_TEACHER]
    own = {name: results.by_seed(name, TEACHER, "test/accuracy") for name in taught}
    return students_figure(
        {name: points(name) for name in taught},
        {name: fmean(by_seed.values()) for name, by_seed in own.items()},
        points(NO_TEACHER),
        facts["trivial_accuracy"]["test"],
        f"Students on {facts['name']}: accuracy against size",
    )
