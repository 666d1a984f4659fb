"""The page of students: accuracy against size, what they take, and what was published of it."""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from dagm_transfer.core.files import beside, write_text
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.inspection.students.paths import (
    NO_TEACHER,
    STUDENTS,
    STUDENTS_FIGURES,
    STUDENTS_PAGE,
    STUDENTS_TABLE,
    ClassPaths,
)
from dagm_transfer.inspection.students.settings import Students
from dagm_transfer.inspection.students.student_table import TEACHER, write_students
from dagm_transfer.judging.settings import Judge
from dagm_transfer.report.claims.significance import FEWEST_SEEDS
from dagm_transfer.report.claims.verdict import RIGHT
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.pages.render import embedded, render
from dagm_transfer.report.students.student_claim import students_claim
from dagm_transfer.report.students.student_figure import FIGURE_CAPTION, accuracy_against_size
from dagm_transfer.report.students.student_results import StudentResults, gather_students
from dagm_transfer.report.students.student_tables import sizes_table, worth_table
from dagm_transfer.report.tables.html_tables import percent

CLAIM_CAPTION = (
    "Each number is above 0 where the claim is true: the mean over seeds. The control is a student "
    "without a teacher. The rule is that of the "
    f"study's claims; with fewer than {FEWEST_SEEDS} seeds nothing is decided."
)


def write_students_page(settings: Students, judge: Judge, data: Prepared, root: Path) -> None:
    """Write the page, its figure, and the table of all students.

    Args:
        settings: how they were trained.
        judge: how they were judged.
        data: that they are of.
        root: where the pipeline runs.

    Raises:
        UserError: students are not there, or are of other data.
    """
    results = gather_students(settings, data, root)
    facts = data.for_seed(settings.seeds[0]).facts
    images, unit = facts["images"]["test"], "patches" if facts["input"] == "patch" else "images"
    png = png_of(accuracy_against_size(results, facts))
    with beside(root / STUDENTS_FIGURES / "accuracy.png") as draft:
        draft.write_bytes(png)
    write_students(root / STUDENTS_TABLE, results.rows)
    content = {
        "facts": facts,
        "unit": unit,
        "seeds": "one seed" if len(settings.seeds) == 1 else f"{len(settings.seeds)} seeds",
        "lead": _lead(results),
        "figure_caption": FIGURE_CAPTION,
        "worth": worth_table(results, images, unit),
        "sizes": sizes_table(results),
        "claim": students_claim(results),
        "claim_caption": CLAIM_CAPTION,
        "trained": _trained(settings),
        "not_said": _not_said(results, facts, judge),
        "logs": _logs(results, settings),
    }
    page = render("students.html.j2", content, embedded({"accuracy": png}))
    write_text(root / STUDENTS_PAGE, page)


def _lead(results: StudentResults) -> str:
    """What the smallest students are worth, made from the numbers."""
    smallest = results.divisors[-1]
    taught = [name for name in results.teachers if name != NO_TEACHER]
    said = [
        f"{percent(_accuracy(results, name, smallest))} taught by {name} "
        f"({percent(_accuracy(results, name, TEACHER))} itself)"
        for name in taught
    ]
    alone = percent(_accuracy(results, NO_TEACHER, smallest))
    return (
        f"With 1/{smallest} of the filters students are right on {', '.join(said)}, and on {alone} "
        "from the labels alone."
    )


def _accuracy(results: StudentResults, teacher: str, divisor: int) -> float:
    return fmean(results.by_seed(teacher, divisor, "test/accuracy").values())


def _trained(settings: Students) -> str:
    augmented = "turned and mirrored" if settings.augment else "as they are"
    return (
        f"All sizes and classes alike, but for the iterations: learning rate "
        f"{settings.learning_rate:g} and at a tenth of it for the last {settings.settle:.0%} of "
        f"the iterations, momentum {settings.momentum:g}, inputs of scale {settings.input_scale} "
        f"shown {augmented}. The loss is {settings.alpha:g} times the divergence from the "
        f"teacher's answers at temperature {settings.temperature:g}, and {1 - settings.alpha:.2g} "
        "times the cross-entropy with the labels; without a teacher it is that cross-entropy. Each "
        "starts from He's draw, each layer scaled so that its answers to training inputs have a "
        "root mean square of one."
    )


def _not_said(results: StudentResults, facts: Mapping[str, Any], judge: Judge) -> str:
    most = {"normal": judge.whole.normal, "defective": judge.whole.defective}
    counts = (f"at most {count}" if count else "all" for count in most.values())
    wholes = " and ".join(f"{count} {kind} ones" for count, kind in zip(counts, most, strict=True))
    windows = (
        f" Whole images are judged by windows, {wholes} of a group."
        if facts["input"] == "patch"
        else ""
    )
    seeds = len({row.seed for row in results.rows})
    few = " With one seed a difference may be that of two draws." if seeds == 1 else ""
    return (
        f"The teachers are as good as the study trained them; a student of a poor one learns its "
        f"errors.{_unfinished(results)}{windows}{few}"
    )


def _unfinished(results: StudentResults) -> str:
    """Those that their training left wrong: they say nothing of their size, nor of a teacher."""
    wrong = [
        f"1/{divisor} {f'taught by {teacher}' if teacher != NO_TEACHER else 'from the labels'} "
        f"({percent(right)})"
        for teacher in results.teachers
        for divisor in results.divisors
        if (right := fmean(results.by_seed(teacher, divisor, "val/accuracy").values())) < RIGHT
    ]
    if not wrong:
        return ""
    return (
        f" Right on less than {RIGHT:.0%} of validation are {', '.join(wrong)}: a training that "
        "breaks down or is too short says nothing of what a size can hold."
    )


def _logs(results: StudentResults, settings: Students) -> list[tuple[str, int, str]]:
    return [
        (f"{teacher}-s{seed}", divisor,
         ClassPaths(teacher, seed).log(divisor).log.relative_to(STUDENTS).as_posix())
        for teacher in results.teachers
        for seed in settings.seeds
        for divisor in results.divisors
    ]  # fmt: skip
