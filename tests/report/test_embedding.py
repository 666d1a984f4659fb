"""The section on source and target: its figure, and sentences that follow the numbers."""

from pathlib import Path

import numpy as np
import pytest
from stage_outputs import write_embedding

from dagm_transfer.core.files import write_json
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.figures.embedding import domain_styles, embedding_figure
from dagm_transfer.report.sections.embedding import PAIRS, embedding_section

pytestmark = pytest.mark.filterwarnings("error")
GROUPS = ("texture 1", "texture 2")


def study(root: Path, subject: str = "textures", **asked) -> Study:
    """A project of which the stage left such numbers (see `write_embedding`)."""
    write_embedding(root, GROUPS, **asked)
    write_json(root / "facts.json", {"subject": subject})
    return Study({}, [], None, Prepared(root), Path("trunk"), root, root)


def test_the_sentence_follows_the_distances(tmp_path):
    def found(apart: float, groups: float) -> str:
        return embedding_section(
            study(
                tmp_path,
                source__source_and_one_group__graded_distance=apart,
                source__groups__graded_distance=groups,
            )
        ).found

    assert "nearer to a group than another group does" in found(1.2, 1.6)
    assert "farther from a group than another group does" in found(1.9, 1.6)
    assert "as far from a group as another group does" in found(1.61, 1.6)
    assert "1.20" in found(1.2, 1.6)
    assert "too few inputs" in found(float("nan"), 1.0)


def test_the_control_follows_the_accuracies(tmp_path):
    def control(source: float, fresh: float, pixels: float) -> str:
        accuracies = {
            f"{trunk}__source_and_target__domain_accuracy": value
            for trunk, value in (("source", source), ("random", fresh), ("pixels", pixels))
        }
        return embedding_section(study(tmp_path, **accuracies)).control

    assert "in neither does a classifier do it as well" in control(1.0, 0.6, 0.7)
    assert "it takes no trained trunk" in control(0.97, 0.6, 1.0)
    assert "too little less" in control(0.8, 0.7, 0.6), "within two standard errors"
    assert "60%" in control(1.0, 0.6, 0.7)


def test_one_group_has_no_other(tmp_path):
    section = embedding_section(study(tmp_path, left_out=("groups", "photographs")))
    assert "another" not in section.found
    assert "the data have one group" in section.found
    (table,) = section.tables
    assert [row[0].text for row in table.rows] == [
        text.format("textures")
        for kind, text in PAIRS.items()
        if kind not in ("groups", "photographs")
    ]


@pytest.mark.parametrize("subject", ["textures", "cells", "images"])
def test_domains_have_the_names_of_what_is_inspected(tmp_path, subject):
    section = embedding_section(study(tmp_path, subject, shipped=False))
    assert f"tells photographs from {subject} in" in section.found
    assert f"tells photographs from {subject} in" in section.control
    assert f"grey like the {subject} and cut" in section.drawings[0].caption
    names = [row[0].text for row in section.tables[0].rows]
    assert names[0] == f"photographs, all {subject}"
    assert f"{subject}, the same with their phases scrambled" in names


@pytest.mark.parametrize(("inputs", "siblings"), [(64, True), (2, False)])
def test_windows_of_one_photograph_are_said_to_be_siblings(tmp_path, inputs, siblings):
    (table,) = embedding_section(study(tmp_path, inputs=inputs)).tables
    assert ("siblings" in table.caption) == siblings


def test_the_table_has_a_row_a_pair_and_a_column_a_trunk_and_depth(tmp_path):
    (table,) = embedding_section(
        study(tmp_path, pixels__halves__graded_distance=float("nan"))
    ).tables
    assert len(table.rows) == len(PAIRS)
    assert all(len(row) == len(table.columns) == 6 for row in table.rows)
    assert table.columns[1] == ("source trunk", "conv3_3")
    assert table.rows[-1][-1].text == "–"
    assert "32 inputs" in table.caption


def test_the_caption_says_what_the_photographs_are(tmp_path):
    caption = embedding_section(study(tmp_path)).drawings[0].caption
    assert "64 windows of 64 pixels cut from only 2 photographs" in caption
    assert "scikit-learn" in caption
    caption = embedding_section(study(tmp_path, shipped=False)).drawings[0].caption
    assert "scikit-learn" not in caption
    assert "cats (64 inputs of 2 photographs)" in caption


def test_the_figure_shows_every_point_and_names_every_domain(tmp_path):
    figure = embedding_section(study(tmp_path)).drawings[0].figure
    assert len(figure.axes) == 4
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0] == "conv3_3: principal components"
    assert titles[3] == "conv5_3: t-SNE"
    for axes in figure.axes:
        assert [len(found.get_offsets()) for found in axes.collections] == [5, 5, 5]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["photographs: cats", *GROUPS]
    assert len(png_of(figure)) < 300_000


def test_a_large_figure_stays_small_on_disk():
    random = np.random.default_rng(0)
    names = [f"texture {n}" for n in range(1, 11)] + ["a", "b", "c"]
    points = {
        (method, layer): {name: random.standard_normal((80, 2)) for name in names}
        for method in ("pca", "tsne")
        for layer in ("conv3_3", "conv5_3")
    }
    assert len(png_of(embedding_figure(points, ["a", "b", "c"]))) < 300_000


def test_folders_of_photographs_are_called_so_in_the_legend():
    points = {("pca", "conv5_3"): {name: np.zeros((3, 2)) for name in ("cats", "texture 1")}}
    (legend,) = embedding_figure(points, ["cats"]).legends
    assert [text.get_text() for text in legend.texts] == ["photographs: cats", "texture 1"]


def test_no_two_domains_look_the_same():
    photographs, textures = [f"p{n}" for n in range(16)], [f"t{n}" for n in range(30)]
    styles = domain_styles([*photographs, *textures], photographs)
    assert len(set(styles.values())) == 46
    assert not {styles[p].colour for p in photographs} & {styles[t].colour for t in textures}
