"""The section on source and target: its figure, and sentences that follow the numbers."""

from pathlib import Path

import numpy as np
import pytest

from dagm_transfer.analysis.domain_pairs import METRICS
from dagm_transfer.analysis.paths import EMBEDDING, EmbeddingPaths
from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.figures.embedding import domain_styles, embedding_figure
from dagm_transfer.report.sections.embedding import PAIRS, embedding_section
from dagm_transfer.stages.embed import DOMAINS, POINTS

pytestmark = pytest.mark.filterwarnings("error")
TEXTURES = ("texture 1", "texture 2")
COLUMNS = [("source", 7), ("source", 13), ("random", 7), ("random", 13), ("pixels", 0)]


def study(root: Path, shipped: bool = True, left_out=(), **changed: float) -> Study:
    """A project of which the stage left these numbers: `TRUNK__PAIR__METRIC` of the deepest."""
    usual = {"graded_distance": 1.0, "domain_accuracy": 0.5, "foreign_neighbors": 0.5}
    paths = EmbeddingPaths(root / EMBEDDING)
    rows = []
    for trunk, depth in COLUMNS:
        for kind in (kind for kind in PAIRS if kind not in left_out):
            for metric in METRICS:
                name = f"{trunk}__{kind.replace(' ', '_')}__{metric}"
                value = changed.get(name, usual.get(metric, 0.5))
                rows.append(
                    {"trunk": trunk, "depth": depth, "pair": kind, "a": "a", "b": "b",
                     "metric": metric, "value": value, "n": 32}
                )  # fmt: skip
    random = np.random.default_rng(0)
    points = [
        {"method": method, "depth": depth, "domain": domain, "x": x, "y": y}
        for method in ("pca", "tsne")
        for depth in (7, 13)
        for domain in ("cats", *TEXTURES)
        for x, y in random.standard_normal((5, 2)).tolist()
    ]
    write_text(paths.points, to_csv(points, POINTS))
    write_text(paths.domains, to_csv(rows, DOMAINS))
    facts = {
        "layers": {"7": "conv3_3", "13": "conv5_3"},
        "inactive": {"7": {"cats": 0.1, "textures": 0.2}, "13": {"cats": 0.3, "textures": 0.8}},
         "input": "patch", "size": 64,
        "shipped": shipped, "n": 32, "perplexity": 24.0,
        "photographs": [{"name": "cats", "photographs": 2, "inputs": 64, "digest": "d"}],
        "textures": dict.fromkeys(TEXTURES, 5),
    }  # fmt: skip
    write_json(paths.facts, facts)
    return Study({}, [], None, Prepared(root), Path("trunk"), root, root)


def test_the_sentence_follows_the_distances(tmp_path):
    def found(apart: float, textures: float) -> str:
        return embedding_section(
            study(
                tmp_path,
                source__source_and_one_texture__graded_distance=apart,
                source__textures__graded_distance=textures,
            )
        ).found

    assert "nearer to a texture than another texture does" in found(1.2, 1.6)
    assert "farther from a texture than another texture does" in found(1.9, 1.6)
    assert "as far from a texture as another texture does" in found(1.61, 1.6)
    assert "1.20" in found(1.2, 1.6)
    assert "too few inputs" in found(float("nan"), 1.0)


def test_the_control_follows_the_accuracies(tmp_path):
    def control(source: float, fresh: float, pixels: float) -> str:
        accuracies = {
            f"{trunk}__source_and_target__domain_accuracy": value
            for trunk, value in (("source", source), ("random", fresh), ("pixels", pixels))
        }
        return embedding_section(study(tmp_path, **accuracies)).control

    assert "neither does it as well" in control(1.0, 0.6, 0.7)
    assert "it takes no trained trunk" in control(1.0, 0.6, 0.97)
    assert "it takes no trained trunk" in control(0.8, 0.7, 0.6), "within two standard errors"
    assert "60%" in control(1.0, 0.6, 0.7)


def test_one_texture_has_no_other(tmp_path):
    section = embedding_section(study(tmp_path, left_out=("textures", "photographs")))
    assert "another" not in section.found
    (table,) = section.tables
    assert [row[0].text for row in table.rows] == [
        text for kind, text in PAIRS.items() if kind not in ("textures", "photographs")
    ]


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
    assert [text.get_text() for text in legend.get_texts()] == ["cats", *TEXTURES]
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


def test_no_two_domains_look_the_same():
    photographs, textures = [f"p{n}" for n in range(16)], [f"t{n}" for n in range(30)]
    styles = domain_styles([*photographs, *textures], photographs)
    assert len(set(styles.values())) == 46
    assert not {styles[p].colour for p in photographs} & {styles[t].colour for t in textures}
