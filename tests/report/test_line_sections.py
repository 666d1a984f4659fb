"""The sections about lines: their sentences follow the numbers, their figures are small."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from stage_outputs import KEYS, METRICS_OF_LINES, write_lines

from dagm_transfer.analysis.lines.ends import Pair
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json, write_json
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.figures.manifold import toys
from dagm_transfer.report.figures.strips import LARGEST, Strip, small, strips_figure
from dagm_transfer.report.found.line_results import LineResults
from dagm_transfer.report.sections.interpolation import (
    control_sentence,
    found_sentence,
    interpolation_section,
)
from dagm_transfer.report.sections.manifold import manifold_section, section_of

KILOBYTES = 1000
LABELS = ["cloth normal", "cloth defective", "steel normal", "steel defective"]


def study(root, compared=("scratch_aug", "finetune")):
    runs = {v: [SimpleNamespace(begin=SimpleNamespace(key=key)) for key in KEYS[v]] for v in KEYS}
    data = SimpleNamespace(facts={"labels": LABELS})
    return Study(runs, compared, None, data, root, root, root)


def test_what_was_found_follows_the_numbers(tmp_path):
    level = found_sentence(write_lines(tmp_path / "a"))
    assert level.count("level to within 10%") == 3
    assert "one seed no verdict" in level
    numbers = {("finetune-s0", "after", "coexistence"): 0.1,
               ("scratch_aug-s0", "after", "coexistence_at_margin"): 0.2}  # fmt: skip
    said = found_sentence(write_lines(tmp_path / "b", numbers))
    assert "0.5 for scratch_aug, 0.1 for finetune (least in finetune)" in said
    assert "0.2 for scratch_aug, 0.5 for finetune (least in scratch_aug)" in said
    assert said.count("level") == 1
    said = found_sentence(write_lines(tmp_path / "c", asked=False))
    assert said.startswith("The pairs named in the settings are not in the data: cloth to steel ")


def test_five_seeds_are_not_called_too_few(tmp_path):
    keys = {variant: [f"{variant}-s{seed}" for seed in range(5)] for variant in KEYS}
    assert "verdict" not in found_sentence(write_lines(tmp_path, keys=keys))


def test_the_control_follows_the_numbers(tmp_path):
    numbers = {("finetune-s0", "before", "off_manifold"): 1.25,
               ("finetune-s0", "after", "ends_right"): 0.75,
               ("scratch_aug-s0", "judge", "ends_right"): 0.25}  # fmt: skip
    said = control_sentence(write_lines(tmp_path / "a", numbers))
    assert "finetune 0.5 (flat sets 0.5, before training 1.25)" in said
    assert "75.0 % for finetune" in said
    assert "recognises 25.0 % for scratch_aug" in said
    assert "frozen" not in said
    keys = {**KEYS, "frozen": ["frozen-s0"]}
    results = write_lines(
        tmp_path / "c", {("frozen-s0", "after", "coexistence_at_margin"): 0.3}, keys
    )
    results.facts["frozen"] = ["frozen-s0"]
    assert "at that margin; the source trunk, frozen, gives 0.3" in control_sentence(results)
    said = control_sentence(write_lines(tmp_path / "b", judges={}))
    assert "No other network judges" in said


def test_a_network_without_numbers_is_said_to_have_none(tmp_path):
    numbers = {("finetune-s0", "after", metric): math.nan for metric in METRICS_OF_LINES}
    results = write_lines(tmp_path, numbers)
    assert "– for finetune (nothing to compare)" in found_sentence(results)
    assert "finetune – (flat sets –" in control_sentence(results)


def test_the_section_has_a_figure_a_depth_the_means_and_a_row_a_line(tmp_path):
    write_lines(tmp_path)
    section = interpolation_section(study(tmp_path))
    names = [drawing.name for drawing in section.drawings]
    assert names == ["interpolation_13_0", "interpolation_7_0", "interpolation_means_0"]
    assert "no evidence" in section.drawings[-1].caption
    (table,) = section.tables
    assert [[cell.text for cell in row[:2]] for row in table.rows] == [
        [variant, name] for variant in KEYS for name in ("pixels", "conv3_3", "conv5_3")
    ]
    assert {len(row) for row in table.rows} == {len(table.columns)}
    texts = [axes.get_ylabel() for axes in section.drawings[0].figure.axes]
    assert "scratch_aug\njudged by\nfinetune" in texts
    assert png_of(section.drawings[0].figure) == png_of(
        interpolation_section(study(tmp_path)).drawings[0].figure
    )


def test_seeds_that_the_stage_was_not_run_for_yet_are_passed_over(tmp_path):
    keys = {variant: [f"{variant}-s{seed}" for seed in range(3)] for variant in KEYS}
    there = {variant: of[1:] for variant, of in keys.items()}
    write_lines(tmp_path, {("finetune-s2", "after", "coexistence"): 0.1}, there)
    results = LineResults.below(tmp_path, keys)
    said = found_sentence(results)
    assert "0.5 for scratch_aug, 0.3 for finetune (least in finetune)" in said
    assert said.endswith("Of 2 seeds no verdict follows.")
    facts = read_json(results.paths[2].facts)
    facts["pairs"][0]["ends"] = 1
    write_json(results.paths[2].facts, {**facts, "judges": {"scratch_aug-s2": "finetune-s2"}})
    found = LineResults.below(tmp_path, keys)
    assert found.facts["judges"].keys() == {"scratch_aug-s0", "scratch_aug-s2"}
    assert [pair["ends"] for pair in found.facts["pairs"]] == [1], "the fewest"
    assert {name.split("/")[1] for name in found.pictures} == {"scratch_aug-s1", "finetune-s1"}


def test_a_stage_that_has_not_run_and_a_study_that_compares_nothing(tmp_path):
    with pytest.raises(UserError, match="dvc repro"):
        LineResults.below(tmp_path, KEYS)
    write_lines(tmp_path)
    section = interpolation_section(study(tmp_path, compared=()))
    assert "study.compared" in section.found
    assert not section.drawings


def test_seeds_that_tell_of_other_lines_or_of_fewer_runs_are_one_line(tmp_path):
    keys = {variant: [f"{variant}-s{seed}" for seed in range(2)] for variant in KEYS}
    results = write_lines(tmp_path, keys=keys)
    facts = read_json(results.paths[1].facts)
    write_json(results.paths[1].facts, {**facts, "depths": [13]})
    with pytest.raises(UserError, match=r"seed-1: of other lines .* `dvc repro interpolate`"):
        found_sentence(LineResults.below(tmp_path, keys))
    write_json(results.paths[1].facts, facts)
    more = {**keys, "tuned": ["tuned-s0"]}
    with pytest.raises(UserError, match=r"seed-0: nothing of tuned-s0; `dvc repro interpolate`"):
        found_sentence(LineResults.below(tmp_path, more))


def test_of_one_group_the_line_leads_from_defective_to_normal(tmp_path):
    write_lines(tmp_path, asked=False, pair=Pair("cloth, defective to normal", 1, 0))
    section = interpolation_section(study(tmp_path))
    assert section.title == "On the line from defective to normal"
    assert section.found.startswith("The data have one group: the line leads from its defective")
    assert "from cloth defective to cloth normal" in section.drawings[0].alt


@pytest.mark.parametrize(("steps", "size"), [(5, 64), (9, 224)])
def test_pictures_of_noise_are_small_files(steps, size):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (steps, size, size), np.uint8)
    seen = random.dirichlet(np.ones(3), steps)
    strips = [Strip(name, images, seen) for name in ("pixels", "scratch_aug", "finetune")]
    assert len(png_of(strips_figure(strips, ("a", "b"), "Lines"))) < 300 * KILOBYTES


def test_large_pictures_are_means_over_blocks():
    image = np.arange(224 * 200, dtype=np.uint32).reshape(224, 200).astype(np.uint8)
    found = small(image)
    assert max(found.shape) <= LARGEST
    assert found[0, 0] == image[:4, :4].mean().round()
    assert small(image[:64, :64]).tobytes() == image[:64, :64].tobytes()


def test_bars_are_the_probabilities():
    seen = np.array([[0.7, 0.2, 0.1], [np.nan] * 3])
    figure = strips_figure([Strip("x", np.zeros((2, 8, 8), np.uint8), seen)], ("a", "b"), "Lines")
    assert [bar.get_width() for bar in figure.axes[2].patches] == pytest.approx([0.7, 0.2, 0.1])
    assert [bar.get_width() for bar in figure.axes[3].patches] == [0, 0, 0]


@pytest.mark.parametrize("name", ["b", "a name wider than its picture, defective"])
def test_the_names_of_both_ends_stand_inside_the_figure(name):
    strip = Strip("x", np.zeros((7, 64, 64), np.uint8), None)
    figure = strips_figure([strip], (name, name), "Lines")
    png_of(figure)
    left, right = (figure.axes[at].get_title(loc) for at, loc in ((0, "left"), (6, "right")))
    assert (left, right) == (f"{name}\na = 0", f"{name}\na = 1")
    inside = figure.bbox
    for axes in (figure.axes[0], figure.axes[6]):
        drawn = axes.get_tightbbox()
        assert drawn is not None
        assert drawn.x0 >= inside.x0
        assert drawn.x1 <= inside.x1


def test_the_toys_show_what_they_are_for():
    flat, curved, apart = toys()
    assert flat.mean < 1.3
    assert curved.mean > 3 * flat.mean
    assert apart.mean > 3 * flat.mean
    section = manifold_section(None)
    assert f"{curved.mean:.1f}" in section.found
    assert "separation alone" in section.control
    assert len(png_of(section.drawings[0].figure)) < 300 * KILOBYTES


def test_the_sentences_about_toys_follow_their_scores():
    flat, *_ = toys()
    section = section_of([flat, flat, flat])
    assert "leaves neither sheet" in section.found
    assert "does not raise it" in section.control
