"""The course of training on the page: read from the tables, drawn, and put in sentences."""

import math
from dataclasses import replace

import pytest

from dagm_transfer.analysis.course import COLUMNS, CourseValue
from dagm_transfer.analysis.layers import LayerValue
from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.models.vgg16 import DEPTHS
from dagm_transfer.report.claims.evidence import Evidence
from dagm_transfer.report.claims.training import moves_less
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.found.budgets import way_of
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.sections.course import course_section
from dagm_transfer.report.sections.weights import weights_section
from dagm_transfer.source.paths import TRUNK


def write_course(project, key: str, *, moves: float, inactive: tuple[float, ...]) -> None:
    """A run that goes on evenly by depth, with so many inactive channels at 0, 5, 20 and 60."""
    rows = []
    for step, silent in zip((0, 5, 20, 60), inactive, strict=True):
        for depth in DEPTHS:
            moved = moves * depth * step
            for name, value in (("weight_change", moved), ("inactive_channels", silent),
                                ("flatness", 0.5)):  # fmt: skip
                rows.append(CourseValue(step, LayerValue(depth, name, value)).row)
    write_text(project.root / AnalysisPaths(key).course, to_csv(rows, COLUMNS))


def study_of(project) -> Study:
    root = project.root
    return Study(
        gather(project.keys, root), [], None, Prepared(root / PREPARED), root / TRUNK, root / RAW,
        root,
    )  # fmt: skip


@pytest.fixture
def study(project):
    for seed in (0, 1):
        write_course(
            project, project.add_usual("finetune", seed), moves=1e-4 * (1 + seed),
            inactive=(0.8, 0.78, 0.76, 0.74 + 0.02 * seed),
        )  # fmt: skip
    lost = project.add_usual("scratch", 0, diverges_at=50)
    write_course(project, lost, moves=math.nan, inactive=(0.1, 0.2, math.nan, math.nan))
    write_course(project, project.add_usual("frozen"), moves=0.0, inactive=(0.8,) * 4)
    project.add_usual("tuned")  # which kept none
    return study_of(project)


def test_weights_are_compared_where_steps_had_the_same_sum(project, sketches):
    for variant, moves in (("scratch_aug", 1e-3), ("finetune", 1e-4)):
        key = project.add(variant, 0, sketches["finetune"])
        write_course(project, key, moves=moves, inactive=(0.8,) * 4)
    study = replace(study_of(project), compared=("scratch_aug", "finetune"))
    (scratch,), (transfer,) = study.results["scratch_aug"], study.results["finetune"]
    phase = {"trainable_from": 1, "learning_rate": 1e-3, "iterations": 120}
    for run, momentum in ((scratch, 0.9), (transfer, 0.0)):
        run.begin.params["variant"].update(momentum=momentum, phases=[phase])
    # 0.06 is 60 iterations of the one, 6 of the other; a mean depth of 7.
    assert way_of(transfer, study.root)[0] == pytest.approx([0.0, 0.005, 0.02, 0.06])
    (effect,) = moves_less(Evidence(study, "finetune"))
    assert effect.control[0] == pytest.approx(1e-4 * 7 * 60 - 1e-3 * 7 * 6)
    said = weights_section(study).control
    assert "at 0.06 scratch_aug had moved 4.20 % and finetune 4.20 % (one seed)" in said


def lines(section):
    """The lines of each panel: what is measured, and the values by iteration."""
    axes = section.drawings[0].figure.axes
    return [
        {line.get_label(): dict(zip(*line.get_data(), strict=True)) for line in panel.lines}
        for panel in axes
    ]


def test_without_kept_trunks_there_is_no_section(project):
    project.add_usual("finetune")
    assert course_section(study_of(project)) is None


def test_panels_are_means_over_their_depths_and_medians_over_seeds(study):
    panels = lines(course_section(study))
    assert len(panels) == 6
    early, late, last, *silent = panels
    assert list(early) == ["finetune", "scratch", "frozen"]
    for panel, depth in ((early, 4), (late, 10.5), (last, 13)):
        expected = {step: 1.5e-4 * depth * step for step in (0, 5, 20, 60)}
        assert panel["finetune"] == pytest.approx(expected)
        assert set(panel["frozen"].values()) == {0}
    for panel in silent:
        assert panel["finetune"] == pytest.approx({0: 0.8, 5: 0.78, 20: 0.76, 60: 0.75})
        assert panel["scratch"] == {0: pytest.approx(0.1), 5: pytest.approx(0.2)}


def test_sentences_are_made_from_the_numbers(study):
    section = course_section(study)
    assert "finetune 8% after 5 of 60 iterations" in section.found
    assert "scratch" not in section.found, "it has no end to be held against"
    assert "finetune 80% before training, 75% after it" in section.control
    assert "frozen 80% before training, 80% after it" in section.control
    assert "nan" not in f"{section.found} {section.control}"


def test_the_figure_is_small_and_the_same_bytes_again(study):
    first, again = (png_of(course_section(study).drawings[0].figure) for _ in range(2))
    assert first == again
    assert len(first) < 300_000
