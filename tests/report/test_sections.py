"""What a section says follows from the numbers."""

import math
import re
from dataclasses import replace
from typing import get_args

import pytest

from dagm_transfer.analysis.paths import COMPARISON, INTERPOLATION, RESPONSES
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.models.inits import Init
from dagm_transfer.report.contents import Study
from dagm_transfer.report.found.results import champion, gather
from dagm_transfer.report.sections.compared import STARTS
from dagm_transfer.report.sections.order import sections_of
from dagm_transfer.report.sections.over_depth import numbers_table, starts
from dagm_transfer.source.paths import TRUNK


def study_of(project) -> Study:
    root = project.root
    results = gather(project.keys, root)
    return Study(
        results, ("scratch", "finetune"), champion(results), Prepared(root / PREPARED),
        root / TRUNK, root / RAW, root,
    )  # fmt: skip


@pytest.fixture
def two_studies(tmp_path, project, sketches):
    """The same variants; in the second every number is another."""
    other = type(project)(tmp_path / "other", normal=6, defective=4)
    names = (
        "inactive_channels", "probe_accuracy", "intrinsic_dimension", "flatness",
        "flatness_over_channels", "matched_own", "match_correlation", "match_floor",
        "channels_needed",
    )  # fmt: skip
    for made, layers in ((project, {}), (other, dict.fromkeys(names, -0.07))):
        for variant in ("scratch", "finetune"):
            sketch = replace(sketches[variant], layers=layers)
            if layers:
                sketch = replace(sketch, plateau=0.9 * sketch.plateau, iterations=100)
            made.add(variant, 0, sketch)
    return study_of(project), study_of(other)


def test_other_numbers_give_other_sentences(two_studies):
    ours, others = ({s.anchor: s for s in sections_of(study)} for study in two_studies)
    assert ours.keys() == others.keys()
    toy = {"manifold"}  # of no run
    with_numbers = {anchor for anchor, s in ours.items() if re.search(r"\d", s.found)} - toy
    assert with_numbers >= {"accuracy", "weights", "channels", "flatness", "reuse", "probes"}
    for anchor in with_numbers:
        assert ours[anchor].found != others[anchor].found
        assert ours[anchor].published == others[anchor].published


def test_a_section_of_the_study_names_both_numberings(two_studies):
    for section in sections_of(two_studies[0]):
        if "figure" in section.study:
            assert re.search(r"English figures? \d", section.study)
            assert re.search(r"Korean figures? \d", section.study)
            assert section.published


def test_every_way_to_start_is_a_control(project, sketches):
    project.add("finetune", 0, sketches["finetune"])
    project.add("frozen", 0, sketches["frozen"])
    project.add("scratch", 0, sketches["scratch"])
    project.add("shuffled", 0, replace(sketches["finetune"], init="shuffled"))
    found = starts(study_of(project).results)
    assert {name: len(runs) for name, runs in found.items()} == {
        "source trunk": 2, "fresh trunk (he)": 1, "control trunk (shuffled)": 1,
    }  # fmt: skip


def test_a_stage_that_left_nothing_of_these_seeds_has_no_section(project):
    project.add_usual("finetune")
    for below in (RESPONSES, INTERPOLATION, COMPARISON):
        (project.root / below / "seed-9").mkdir(parents=True)
    anchors = {section.anchor for section in sections_of(study_of(project))}
    assert "weights" in anchors
    assert not anchors & {"responses", "interpolation", "comparison"}


def judged_text(project) -> str:
    """All that the section on test results says."""
    section = next(s for s in sections_of(study_of(project)) if s.anchor == "test")
    tables = [
        f"{' '.join(heading for heading, _ in t.columns)} {t.caption}" for t in section.tables
    ]
    return " ".join([section.note, *tables])


@pytest.mark.parametrize("patches", [True, False])
def test_the_rule_that_set_a_threshold_is_named_where_its_numbers_stand(project_of, patches):
    limit, least = "of at most 5 false alarms in 1,000 normal images on validation", "of least cost"
    kinds = ("", "burr", "crack")
    project = project_of(false_alarm_limit=0.005, patches=patches, defects=kinds)
    for variant in ("scratch", "finetune"):
        project.add_usual(variant)
    said = judged_text(project)
    assert f"from a threshold on the log-odds of defective, the one {limit}" in said
    assert said.count(f"at the threshold {limit}") == 4, "three columns, and the kinds of defects"
    # Patches keep the threshold of least cost.
    assert said.count(f"at the threshold {least}") == (3 if patches else 0)
    assert (f"(on patches that {least} on validation)" in said) == patches


def test_what_is_compared_is_told_in_words(project, sketches):
    project.add("scratch_aug", 0, sketches["scratch"])
    project.add("finetune", 0, sketches["finetune"])
    study = study_of(project)
    (aug,), (tuned,) = study.results["scratch_aug"], study.results["finetune"]
    aug.begin.params["variant"].update(augment=True, momentum=0.9)
    tuned.begin.environment["gpu"] = "Some GPU"
    section = next(s for s in sections_of(study) if s.anchor == "compared")
    (table,) = section.tables
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["scratch_aug"][0] == "random weights (He)"
    assert rows["scratch_aug"][1].endswith("; rotated and flipped inputs; momentum 0.9")
    assert rows["scratch_aug"][3] == "a CPU"
    assert rows["finetune"][0] == "ImageNet's weights"
    assert rows["finetune"][3] == "Some GPU"
    assert "Not all ran on one kind of device" in table.caption
    assert "edge" not in section.terms
    images = sum(study.facts["images"].values())
    assert section.found.startswith(f"{images} images of texture 1, texture 3 and texture 6. ")


def test_every_start_that_can_be_asked_for_has_words():
    assert set(STARTS) == set(get_args(Init))


def test_a_table_of_numbers_has_a_dash_where_there_is_none():
    columns = {"moved": {"scratch": 0.5, "lp_ft": math.nan}}
    table = numbers_table(columns, ["{:.1f}".format], "")
    rows = [[cell.text for cell in row] for row in table.rows]
    assert rows == [["scratch", "0.5"], ["lp_ft", "–"]]
