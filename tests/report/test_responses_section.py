"""The section on responses: its sentences follow from the numbers, and its figure is small."""

import math
import shutil

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from stage_outputs import BASELINES, WrittenResponses

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.figures.responses import Response, ShownImage, responses_figure
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.sections.responses import responses_section
from dagm_transfer.source.paths import TRUNK


def section_of(written, compared):
    written.write()
    root = written.project.root
    results = gather(written.project.keys, root)
    return responses_section(
        Study(results, compared, None, Prepared(root / PREPARED), root / TRUNK, root / RAW, root)
    )


@pytest.fixture
def written(project):
    return WrittenResponses(project)


def test_the_sentences_are_made_of_the_numbers(written):
    written.run("scratch", active=(0.9, 0.96), best=(0.7, 0.6), class_activation=0.4)
    written.run("finetune", active=(0.6, 0.3), best=(0.6, 0.8), class_activation=0.95)
    section = section_of(written, ["scratch", "finetune"])
    assert section.study == "English figure 7, Korean figure 9"
    assert "finetune: 30.0 % of the channels respond" in section.found
    assert "pixel AUROC of 0.95" in section.found
    assert "scratch: 96.0 % of the channels respond" in section.found
    assert "its source trunk 60.0 % respond" in section.control
    assert "before training and 30.0 % after it; its best channel" in section.control
    assert "its fresh trunk (he) 90.0 % respond" in section.control
    assert "before training and 96.0 % after it; its best channel" in section.control
    assert "from a pixel AUROC of 0.60 to 0.80, better on 4 of 4" in section.control
    assert "from a pixel AUROC of 0.70 to 0.60, better on 0 of 4" in section.control
    assert "by class activation finetune lies above it" in section.control
    assert "On so few images (4)" in section.control


def test_other_numbers_make_other_sentences(written):
    written.run("finetune", active=(0.3, 0.6), best=(0.8, 0.6), class_activation=0.5)
    section = section_of(written, ["finetune"])
    assert "30.0 % respond to such an image before training and 60.0 %" in section.control
    assert "better on 0 of 4" in section.control
    assert "no variant lies above it" in section.control


def test_the_table_has_means_over_seeds_beside_what_no_network_finds(written):
    for seed, auroc in enumerate((0.9, 0.8)):
        written.run("finetune", seed, class_activation=auroc)
    (table,) = section_of(written, ["finetune"]).tables
    texts = [[cell.text for cell in row] for row in table.rows]
    assert texts[0] == ["finetune", "class activation", "2", "0.85", "75.0 %", "30.0 %"]
    assert table.rows[0][3].note == "0.80 to 0.90"
    assert table.rows[1][3].note == "", "both seeds agree"
    before = [row for row in texts if row[0] == "finetune before training"]
    assert [row[1] for row in before] == ["best channel", "mean of channels"]
    assert len([row for row in texts if row[0] == "no network"]) == len(BASELINES)
    assert "texture 6" in table.caption, "the group without an image"


def test_seeds_that_the_stage_was_not_run_for_yet_are_said(written):
    for seed in (0, 1, 2):
        written.run("finetune", seed, class_activation=0.7 + 0.1 * seed)
    shutil.rmtree(written.folder(0))
    for rows in (written.rows, written.means):
        del rows[0]
    section = section_of(written, ["finetune"])
    assert "finetune (2 of 3 seeds): 30.0 % of the channels respond" in section.found
    assert "pixel AUROC of 0.85" in section.found
    assert "better on 8 of 8" in section.control
    assert "runs of seed 1." in section.drawings[0].caption


def test_a_seed_whose_folder_is_older_than_a_variant_is_one_line(written):
    written.run("finetune")
    written.project.add_usual("scratch")
    with pytest.raises(UserError, match=r"seed-0: nothing of scratch-s0; `dvc repro responses`"):
        section_of(written, ["finetune", "scratch"])


def test_variants_of_which_nothing_is_there_are_not_told(written):
    written.run("finetune")
    written.project.add_usual("scratch", 1)
    section = section_of(written, ["finetune", "scratch"])
    assert "scratch" not in section.found + section.control
    assert "study.compared" in section_of(written, []).found


def test_a_run_that_is_not_finite_is_said(written):
    written.run("finetune", active=(0.6, math.nan), best=(0.6, math.nan),
                class_activation=math.nan)  # fmt: skip
    section = section_of(written, ["finetune"])
    assert "finetune: not finite" in section.control
    assert section.tables[0].rows[0][3].text == "–"
    assert png_of(section.drawings[0].figure)


def test_without_a_weak_label_there_is_a_sentence_alone(written):
    written.project.add_usual("finetune")
    section = section_of(written, ["finetune"])
    assert "No defective test image has a weak label" in section.found
    assert not section.drawings
    assert not section.tables


def test_where_no_image_has_a_weak_label_responses_stand_alone(project_of):
    written = WrittenResponses(project_of(subject="cells", patches=False), labelled=False)
    written.run("finetune", active=(0.6, 0.3))
    section = section_of(written, ["finetune"])
    assert "The cells have no weak labels to hold heat maps against" in section.found
    assert "finetune: 30.0 % of the channels respond to an image." in section.found
    assert "60.0 % respond to such an image before training and 30.0 % after it." in (
        section.control
    )
    assert "AUROC" not in section.found + section.control
    assert not section.tables
    (drawing,) = section.drawings
    assert "patch" not in drawing.caption
    assert "weak label" not in drawing.caption
    said = [text.get_text() for text in drawing.figure.findobj(Text)]
    assert not [text for text in said if "weak" in text or "AUROC" in text]
    assert png_of(drawing.figure)


def test_more_than_three_variants_are_told_and_three_drawn(written):
    names = ["scratch", "finetune", "frozen", "tuned"]
    for name in names:
        written.run(name)
    section = section_of(written, names)
    assert "Not drawn: tuned." in section.drawings[0].caption
    assert "2 of 4 images" in section.drawings[0].caption
    assert "tuned: 30.0 %" in section.found


@pytest.mark.parametrize(("variants", "rows"), [(1, 3), (2, 3), (3, 2)])
def test_the_figure_of_pure_noise_stays_small_and_writes_on_nothing(variants, rows):
    random = np.random.default_rng(0)

    def noise(*shape):
        return random.integers(0, 256, shape, dtype=np.uint8)

    label = np.zeros((256, 256), dtype=np.uint8)
    label[100:150, 60:90] = 1
    images = [
        ShownImage(
            f"texture {n}", noise(256, 256), label,
            {f"variant_{v}": Response(noise(64, 32, 32), noise(8, 8).repeat(32, 0).repeat(32, 1),
                                      (0.5, 0.9), 0.77) for v in range(variants)},
        )
        for n in range(rows)
    ]  # fmt: skip
    figure = responses_figure(images, "Responses")
    assert len(png_of(figure)) < 300_000
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    texts = [axes.title for axes in figure.axes] + [axes.xaxis.label for axes in figure.axes]
    boxes = [text.get_window_extent(renderer) for text in texts if text.get_text()]
    assert len(boxes) == rows * (1 + 2 * variants) + 1 + 2 * variants
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])
    assert min(text.get_fontsize() for text in texts) >= 10
