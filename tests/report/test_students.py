"""The page of students: what it reads, what it draws, and what it says of the claim."""

from dataclasses import replace

import pytest
import torch

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.identity import PACKAGE, closure, imported_modules
from dagm_transfer.inspection.layer_sizes import layer_sizes, total
from dagm_transfer.inspection.students.paths import (
    NO_TEACHER,
    STUDENTS_FIGURES,
    STUDENTS_PAGE,
    STUDENTS_TABLE,
    ClassPaths,
)
from dagm_transfer.inspection.students.settings import Students
from dagm_transfer.inspection.students.student_table import (
    TEACHER,
    StudentRow,
    read_students,
    write_students,
)
from dagm_transfer.inspection.students.student_widths import student_widths
from dagm_transfer.judging.settings import Judge, Whole
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.report.figures.students import SizedAccuracy, students_figure
from dagm_transfer.report.students.student_claim import students_claim
from dagm_transfer.report.students.student_page import write_students_page
from dagm_transfer.report.students.student_results import (
    accuracy_interval,
    gather_students,
    students_of,
)
from dagm_transfer.report.students.student_tables import sizes_table, worth_table

DIVISORS = (8, 128)
TEACHERS = ("finetune", "scratch_aug")
# Test accuracy by teacher: of itself, and of its students from the largest to the smallest.
WORTH = {"finetune": (0.999, 0.998, 0.994), "scratch_aug": (0.995, 0.99, 0.94),
         NO_TEACHER: (0.985, 0.93)}  # fmt: skip
JUDGE = Judge(
    miss_cost=20.0, false_alarm_cost=1.0, false_alarm_limit=None, targets=[0.95],
    tolerance=0.005,
    whole=Whole(stride=64, normal=2, defective=2),
)  # fmt: skip
FACTS = {
    "name": "DAGM-style synthetic images", "input": "patch", "digest": "d",
    "inputs": {"train": 100, "val": 20, "test": 40}, "images": {"train": 50, "val": 10, "test": 20},
    "trivial_accuracy": {"test": 0.53}, "folds": 1,
}  # fmt: skip


def of_data(root, digest="d") -> Prepared:
    """Prepared data of a digest, as far as a page of students reads them."""
    write_json(root / "prepared" / "facts.json", {**FACTS, "digest": digest})
    return Prepared(root / "prepared")


def asked(seeds=(0,)) -> Students:
    return Students(
        teachers=list(TEACHERS), seeds=list(seeds),
        sizes=[{"divisor": divisor, "iterations": 5} for divisor in DIVISORS],
        temperature=2.0, alpha=0.5, input_scale="unit", augment=False, learning_rate=0.01,
        settle=0.2, momentum=0.9, evaluate_every=5,
    )  # fmt: skip


def row(teacher: str, seed: int, divisor: int, accuracy: float, data: str) -> StudentRow:
    with torch.device("meta"):  # shapes alone
        size = total(layer_sizes(VGG16(12, "gap", 64, student_widths(divisor)), 64))
    noise = 1e-4 * seed
    return StudentRow(
        teacher=teacher, seed=seed, divisor=divisor, filters=size.channels,
        parameters=size.parameters, multiply_adds=size.multiply_adds, bytes=1000,
        iterations=5, data=data,
        metrics={
            "val/accuracy": 1.0, "val/dagm_cost": 1.0, "test/accuracy": accuracy - noise,
            "test/accuracy_low": accuracy - 0.01, "test/accuracy_high": min(1.0, accuracy + 0.01),
            "test/defect_ap": 0.98, "test/dagm_cost": 3.0, "image/accuracy": 0.9,
            "image/accuracy_low": 0.8, "image/accuracy_high": 0.95, "image/defect_ap": 0.97,
            "image/dagm_cost": 2.0,
        },
    )  # fmt: skip


def write_classes(root, seeds=(0,), data="d"):
    for teacher, worth in WORTH.items():
        divisors = DIVISORS if teacher == NO_TEACHER else (TEACHER, *DIVISORS)
        for seed in seeds:
            rows = [row(teacher, seed, *each, data) for each in zip(divisors, worth, strict=True)]
            paths = ClassPaths(teacher, seed)
            write_students(root / paths.table, rows)
            told = {str(divisor): {"alone": 0.5, "together": 0.25} for divisor in divisors}
            write_json(root / paths.timings, told)
    return gather_students(asked(seeds), of_data(root, data), root)


@pytest.fixture
def page(tmp_path) -> str:
    write_classes(tmp_path)
    write_students_page(asked(), JUDGE, of_data(tmp_path), tmp_path)
    return (tmp_path / STUDENTS_PAGE).read_text()


def test_the_page_says_what_the_smallest_students_are_worth(page):
    assert "With 1/128 of the filters" in page
    assert "99.4 % taught by finetune (99.9 % itself)" in page
    assert "93.0 % from the labels alone" in page


def test_the_page_has_its_figure_its_logs_and_how_they_were_trained(page, tmp_path):
    assert (tmp_path / STUDENTS_FIGURES / "accuracy.png").read_bytes().startswith(b"\x89PNG")
    assert page.count("data:image/png;base64,") == 1
    assert 'href="classes/finetune-s0/logs/1_8.jsonl"' in page
    assert "at temperature 2" in page
    assert "one seed" in page


def test_students_that_were_trained_too_little_say_so(page, tmp_path):
    assert "breaks down" not in page  # all are right on validation
    paths = ClassPaths(NO_TEACHER, 0)
    rows = [
        replace(each, metrics={**each.metrics, "val/accuracy": 0.61})
        for each in read_students(tmp_path / paths.table)
    ]
    write_students(tmp_path / paths.table, rows)
    write_students_page(asked(), JUDGE, of_data(tmp_path), tmp_path)
    said = " ".join((tmp_path / STUDENTS_PAGE).read_text().split())
    assert (
        "Right on less than 99% of validation are 1/8 from the labels (61.0 %), 1/128 from" in said
    )


def test_a_number_of_one_seed_decides_nothing(page):
    assert "0.48 points lost at 1/128" in page
    assert "<strong>undecided</strong>: 1 of the 5 seeds" in page


def test_over_five_seeds_the_claim_is_decided(tmp_path):
    shown = students_claim(write_classes(tmp_path, seeds=range(5)))
    assert shown.decision.verdict == "undecided"  # these seeds lose exactly as much
    assert "no interval, alike in every seed: '1 minus the points lost" in shown.decision.reason


@pytest.mark.parametrize(
    ("smallest", "verdict"), [((0.994, 0.94), "holds"), ((0.94, 0.994), "does not hold")]
)
def test_the_claim_holds_where_the_scratch_taught_lose_more(tmp_path, smallest, verdict):
    write_classes(tmp_path, seeds=range(5))
    for place, (teacher, accuracy) in enumerate(zip(TEACHERS, smallest, strict=True), start=2):
        for seed in range(5):
            rows = [
                row(teacher, seed, TEACHER, WORTH[teacher][0], "d"),
                row(teacher, seed, DIVISORS[-1], accuracy - place * 1e-4 * seed, "d"),
            ]
            write_students(tmp_path / ClassPaths(teacher, seed).table, rows)
    results = gather_students(asked(range(5)), of_data(tmp_path, "d"), tmp_path)
    shown = students_claim(results)
    assert shown.decision.verdict == verdict
    assert shown.measured[0].count("; control ") == 1, "the students without a teacher"


def test_without_a_teacher_from_scratch_there_is_no_claim(tmp_path):
    write_classes(tmp_path)
    alone = asked().model_copy(update={"teachers": ["finetune"]})
    assert students_claim(gather_students(alone, of_data(tmp_path, "d"), tmp_path)) is None


def test_a_table_has_a_row_a_size_and_the_teacher_first(tmp_path):
    results = write_classes(tmp_path)
    table = worth_table(results, 20, "patches")
    assert [cells[0].text for cells in table.rows] == ["all: the teacher", "1/8", "1/128"]
    headings = [heading for heading, _ in table.headings]
    assert headings == ["", "taught by finetune", "taught by scratch_aug", "labels alone"]
    assert table.rows[2][1].text == "99.4 %"
    assert table.rows[2][1].note == "98.4–100.0"
    assert table.rows[0][-1].text == "–", "nobody taught these"
    sizes = sizes_table(results)
    assert sizes.rows[0][1].text == "4,224"
    assert sizes.rows[2][-1].text == "0.25"


def test_an_interval_is_over_the_seeds_where_there_are_several(tmp_path):
    one = write_classes(tmp_path).of("finetune", 8)
    assert accuracy_interval(one, 20, 0.0) == (pytest.approx(0.988), 1.0)
    low, high = accuracy_interval(write_classes(tmp_path, range(5)).of("finetune", 8), 20, 0.0)
    assert 0.99 < low < 0.998 < high + 1e-3


def test_students_of_other_data_are_refused_and_not_shown(tmp_path):
    write_classes(tmp_path)
    write_students_page(asked(), JUDGE, of_data(tmp_path), tmp_path)
    assert set(students_of(tmp_path, of_data(tmp_path, "d")).teachers) == set(WORTH)
    assert students_of(tmp_path, of_data(tmp_path, "e")) is None
    with pytest.raises(UserError, match="of other data"):
        gather_students(asked(), of_data(tmp_path, "e"), tmp_path)
    (tmp_path / STUDENTS_TABLE).unlink()
    assert students_of(tmp_path, of_data(tmp_path, "d")) is None


def test_students_that_are_not_there_are_named_with_what_makes_them(tmp_path):
    with pytest.raises(UserError, match="`dagm students run finetune --seed 0` makes it"):
        gather_students(asked(), of_data(tmp_path, "d"), tmp_path)


def test_the_figure_has_a_line_a_class_and_one_a_teacher():
    points = [SizedAccuracy(528, 8, 0.9, 0.85, 0.95), SizedAccuracy(34, 128, 0.5, 0.4, 0.6)]
    taught = dict.fromkeys(TEACHERS, points)
    figure = students_figure(taught, dict.fromkeys(TEACHERS, 0.99), points, 0.53, "title")
    (axes,) = figure.axes
    labels = axes.get_legend_handles_labels()[1]
    assert sorted(labels) == sorted([
        *(f"taught by {name}" for name in TEACHERS), *(f"{name} itself" for name in TEACHERS),
        "labels alone", "right group, never defective",
    ])  # fmt: skip
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["34\n1/128", "528\n1/8"]


def test_the_page_is_made_without_torch():
    reached = closure(PACKAGE / "report" / "students" / "student_page.py")
    assert not [path for path in reached if "torch" in imported_modules(path)]
