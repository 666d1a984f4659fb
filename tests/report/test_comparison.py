"""What the page says of pairs of runs follows from the stage's tables."""

import math
from pathlib import Path

import numpy as np
import pytest

from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import COMPARISON, ComparisonPaths
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.models.vgg16 import DEPTHS, NAMES
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.figures.comparison import Compared, comparison_figure
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.sections.comparison import NOT_YET, comparison_section
from dagm_transfer.stages.compare import CKA_COLUMNS, LINE_COLUMNS, PAIR_COLUMNS

USUAL = {"barrier": 0.5, "fall": 0.25, "relative": 0.125, "cka": 0.75, "floor": 0.25}
BETWEEN, SEEDS = ("scratch-s0", "finetune-s0"), ("finetune-s0", "finetune-s1")


def write_comparison(root, pairs, seed=0):
    """The tables of pairs, as the stage leaves them; `pairs` gives numbers over the usual ones."""
    cka, line, sums = [], [], []
    for (a, b), numbers in pairs.items():
        of, keys = {**USUAL, **numbers}, {"a": a, "b": b}
        for depth, name in zip(DEPTHS, NAMES, strict=True):
            for metric, value in (("cka", of["cka"]), ("cka_before", of["floor"])):
                cka.append({**keys, "depth": depth, "name": name, "metric": metric,
                            "value": value})  # fmt: skip
        for t, loss in ((0.0, 1.0), (0.5, 1.0 + of["barrier"]), (1.0, 1.0)):
            line.append({**keys, "t": t, "loss": loss, "accuracy": 0.5})
        for metric, value in (
            ("inputs", 120), ("barrier_loss", of["barrier"]), ("barrier_accuracy", of["fall"]),
            ("distance", 80 * of["relative"]), ("relative_distance", of["relative"]),
        ):  # fmt: skip
            sums.append({**keys, "metric": metric, "value": value})
    paths = ComparisonPaths(folder_of(seed, root / COMPARISON))
    for path, rows, columns in (
        (paths.cka, cka, CKA_COLUMNS), (paths.line, line, LINE_COLUMNS),
        (paths.pairs, sums, PAIR_COLUMNS),
    ):  # fmt: skip
        write_text(path, to_csv(rows, columns))


@pytest.fixture
def section_of(project):
    """The section of a study of two variants and two seeds, about pairs with these numbers."""
    for variant in ("scratch", "finetune"):
        for seed in (0, 1):
            project.add_usual(variant, seed)

    def make(pairs):
        if pairs is not None:
            write_comparison(project.root, pairs)
        root = project.root
        study = Study(
            results=gather(project.keys, root), compared=["scratch", "finetune"], best=None,
            data=Prepared(root / "data/prepared"), trunk=Path(), raw=Path(), root=root,
        )  # fmt: skip
        return comparison_section(study)

    return make


def test_the_sentences_are_made_of_the_numbers(section_of):
    section = section_of({BETWEEN: {}, SEEDS: {"barrier": 0.0, "fall": 0.0, "relative": 0.015}})
    assert section.found == (
        "finetune, two seeds: no barrier on the line between their weights; "
        "their trunks lie 0.015 of the first one's norm apart. "
        "scratch and finetune: on the line between their weights the loss rises 0.50 above the "
        "straight line between its ends, and accuracy falls 25.0 points below its own; their "
        "trunks lie 0.125 of the first one's norm apart."
    )
    cka = "finetune, two seeds: CKA at the last convolution is 0.75 after training and 0.25"
    assert cka in section.control
    (table,) = section.tables
    texts = [[cell.text for cell in row] for row in table.rows]
    assert texts[1] == ["scratch-s0", "finetune-s0", "120", "0.500", "25.0", "10.00", "0.1250",
                        "0.250", "0.750"]  # fmt: skip
    moved = section_of({BETWEEN: {"barrier": 2.25, "cka": 0.5}})
    assert "the loss rises 2.25 above" in moved.found
    assert "CKA at the last convolution is 0.50 after" in moved.control


def test_several_pairs_of_a_kind_are_told_with_their_range(section_of):
    pairs = {BETWEEN: {"barrier": 1.0}, ("scratch-s1", "finetune-s1"): {"barrier": 3.0}}
    section = section_of(pairs)
    assert "the loss rises 2.00 (1.00 to 3.00) above the straight line" in section.found
    assert "medians over pairs" in section.drawings[0].caption


def test_pairs_of_variants_that_are_not_compared_stand_in_the_table_alone(section_of, project):
    project.add_usual("frozen", 0)
    frozen = ("frozen-s0", "finetune-s0")
    section = section_of({BETWEEN: {}, frozen: {}})
    assert "frozen" not in section.found + section.control
    assert section.tables[0].rows[1][0].text == "frozen-s0"
    assert section.tables[0].caption.startswith("All pairs; those of the compared variants")
    assert "frozen and finetune" in section_of({frozen: {}}).found, "none is compared: all are told"


def test_pairs_of_all_seeds_are_told_together(section_of, project):
    write_comparison(project.root, {SEEDS: {}}, seed=1)
    section = section_of({BETWEEN: {}})
    assert [row[1].text for row in section.tables[0].rows] == ["finetune-s1", "finetune-s0"]


def test_lines_of_unlike_lengths_are_one_line(section_of, project):
    write_comparison(project.root, {SEEDS: {}}, seed=1)
    path = ComparisonPaths(folder_of(1, project.root / COMPARISON)).line
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    with pytest.raises(UserError, match=r"unlike lengths; `dvc repro compare`"):
        section_of({BETWEEN: {}})


def test_what_is_not_finite_is_said(section_of):
    gone = {"barrier": math.nan, "fall": math.nan, "cka": math.nan}
    section = section_of({BETWEEN: gone})
    assert "as a loss between them is not finite" in section.found
    assert "is unknown after training and 0.25 before it" in section.control
    assert [cell.text for cell in section.tables[0].rows[0]][2:5] == ["120", "–", "–"]
    png_of(section.drawings[0].figure)


def test_other_input_scales_are_said(section_of, project, sketches):
    project.add("unit", 0, sketches["scratch"], settings={"input_scale": "unit"})
    nothing = {"barrier": math.nan, "fall": math.nan}
    section = section_of({("unit-s0", "finetune-s0"): nothing})
    assert "as their inputs are scaled differently" in section.found
    assert "scaled differently" in section.tables[0].caption


def test_a_study_of_which_no_pair_is_there_says_so(section_of):
    section = section_of({})
    assert (section.found, list(section.drawings), list(section.tables)) == (NOT_YET, [], [])


def test_runs_that_the_report_does_not_name_are_left_out(section_of):
    section = section_of({BETWEEN: {}, ("gone-s0", "finetune-s0"): {}})
    assert "gone" not in section.found
    assert len(section.tables[0].rows) == 1


def test_a_stage_that_has_not_run_is_one_line(section_of):
    with pytest.raises(UserError, match="nothing of these runs; `dvc repro compare`"):
        section_of(None)


def compared(variant, pairs=2, floor=0.4):
    random = np.random.default_rng(len(variant))
    return Compared(
        cka=random.random((pairs, 13)), floor=np.full((pairs, 13), floor),
        losses=random.random((pairs, 7)), variant=variant,
    )  # fmt: skip


def test_the_figure_shows_each_kind_and_explains_each_line():
    kinds = {"finetune, two seeds": compared("finetune", floor=1.0), "both": compared("", 1)}
    figure = comparison_figure(kinds, NAMES, math.log(4), "test patches")
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert told == [*kinds, "dotted: the same pairs before training", "guessing"]
    depths, line = figure.axes
    drawn = [curve for curve in depths.lines if len(curve.get_xdata())]
    solid, dotted = ([c for c in drawn if c.get_linestyle() == style] for style in ("-", ":"))
    wanted = np.median(kinds["finetune, two seeds"].cka, axis=0)
    assert np.allclose(solid[0].get_ydata(), wanted)
    assert len(dotted) == 1, "a floor of one and the same network is no news"
    assert np.allclose(line.lines[1].get_ydata(), kinds["both"].losses[0])
    assert line.lines[-1].get_ydata()[0] == math.log(4)
    assert len(png_of(figure)) < 300_000
