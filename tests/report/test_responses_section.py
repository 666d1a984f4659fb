"""The section on responses: its sentences follow from the numbers, and its figure is small."""

import math

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from dagm_transfer.analysis.paths import RESPONSES
from dagm_transfer.analysis.responses.localized import Shown
from dagm_transfer.analysis.responses.stored import (
    COLUMNS,
    IMAGE_COLUMNS,
    image_rows,
    mean_rows,
    save_images,
    save_shown,
)
from dagm_transfer.analysis.responses.whole_images import WholeImage
from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.figures.responses import Response, ShownImage, responses_figure
from dagm_transfer.report.results import gather
from dagm_transfer.report.sections.responses import responses_section
from dagm_transfer.source.paths import TRUNK

BASELINES = ("pixels", "pixels_in_cells", "middle", "even")


class Written:
    """Runs, and what the stage would have left of them."""

    def __init__(self, project):
        self.project, self.rows, self.means = project, [], []
        pixels = np.random.default_rng(0).integers(0, 256, (512, 480), dtype=np.uint8)
        mask = Ellipse(200, 300, 60, 30, 0.5).mask(512, 480)
        self.images = [
            WholeImage(f"{n}.png", project.groups[n % 2], 2 * (n % 2) + 1, pixels, pixels, mask)
            for n in range(4)
        ]
        self.folder = project.root / RESPONSES
        self.folder.mkdir(parents=True)
        save_images(self.folder, self.images)
        self.add("", "baseline", {(heat, metric): 0.5 for heat in BASELINES
                                  for metric in ("pixel_auroc", "pointing_game")})  # fmt: skip

    def add(self, key, when, values):
        each = [values] * len(self.images)
        self.rows += image_rows(key, when, each, self.images)
        self.means += mean_rows(key, when, each)

    def run(self, variant, seed=0, *, active=(0.6, 0.3), best=(0.6, 0.8), class_activation=0.95):
        key = self.project.add_usual(variant, seed)
        for when, share, auroc in zip(("before", "after"), active, best, strict=True):
            values = {("response", "active"): share}
            heats = {"mean": 0.55, "best_channel": auroc}
            if when == "after":
                heats["class_activation"] = class_activation
            for heat, value in heats.items():
                values |= {(heat, "pixel_auroc"): value, (heat, "pointing_game"): 0.75}
            self.add(key, when, values)
        random = np.random.default_rng(seed)
        shown = Shown(random.integers(0, 256, (64, 32, 30), dtype=np.uint8),
                      random.normal(size=(512, 480)))  # fmt: skip
        save_shown(self.folder / key, [shown] * len(self.images))

    def section(self, compared):
        write_text(self.folder / "images.csv", to_csv(self.rows, IMAGE_COLUMNS))
        write_text(self.folder / "localization.csv", to_csv(self.means, COLUMNS))
        root = self.project.root
        results = gather(self.project.keys, root)
        return responses_section(
            Study(results, compared, None, Prepared(root / PREPARED), root / TRUNK, root / RAW,
                  root)
        )  # fmt: skip


@pytest.fixture
def written(project):
    return Written(project)


def test_the_sentences_are_made_of_the_numbers(written):
    written.run("scratch", active=(0.9, 0.96), best=(0.7, 0.6), class_activation=0.4)
    written.run("finetune", active=(0.6, 0.3), best=(0.6, 0.8), class_activation=0.95)
    section = written.section(["scratch", "finetune"])
    assert section.study == "English figure 7, Korean figure 9"
    assert "finetune: 30.0 % of the channels respond" in section.found
    assert "pixel AUROC of 0.95" in section.found
    assert "scratch: 96.0 % of the channels respond" in section.found
    assert "its source trunk 60.0 % respond" in section.control
    assert "silenced 50.0 % of them" in section.control
    assert "its fresh trunk (he) 90.0 % respond" in section.control
    assert "silenced none of them" in section.control
    assert "from a pixel AUROC of 0.60 to 0.80, better on 4 of 4" in section.control
    assert "from a pixel AUROC of 0.70 to 0.60, better on 0 of 4" in section.control
    assert "by class activation finetune lies above it" in section.control
    assert "On so few images (4)" in section.control


def test_other_numbers_make_other_sentences(written):
    written.run("finetune", active=(0.3, 0.6), best=(0.8, 0.6), class_activation=0.5)
    section = written.section(["finetune"])
    assert "silenced none of them" in section.control
    assert "better on 0 of 4" in section.control
    assert "no variant lies above it" in section.control


def test_the_table_has_means_over_seeds_beside_what_no_network_finds(written):
    for seed, auroc in enumerate((0.9, 0.8)):
        written.run("finetune", seed, class_activation=auroc)
    (table,) = written.section(["finetune"]).tables
    texts = [[cell.text for cell in row] for row in table.rows]
    assert texts[0] == ["finetune", "class activation", "2", "0.85", "75.0 %", "30.0 %"]
    assert table.rows[0][3].note == "0.80 to 0.90"
    assert table.rows[1][3].note == "", "both seeds agree"
    before = [row for row in texts if row[0] == "finetune before training"]
    assert [row[1] for row in before] == ["best channel", "mean of channels"]
    assert len([row for row in texts if row[0] == "no network"]) == len(BASELINES)
    assert "texture 6" in table.caption, "the group without an image"


def test_a_run_that_is_not_finite_is_said(written):
    written.run("finetune", active=(0.6, math.nan), best=(0.6, math.nan),
                class_activation=math.nan)  # fmt: skip
    section = written.section(["finetune"])
    assert "finetune: not finite" in section.control
    assert section.tables[0].rows[0][3].text == "–"
    assert png_of(section.drawings[0].figure)


def test_without_a_weak_label_there_is_a_sentence_alone(written):
    written.project.add_usual("finetune")
    written.rows, written.means = [], []
    section = written.section(["finetune"])
    assert "No defective test image has a weak label" in section.found
    assert not section.drawings
    assert not section.tables


def test_more_than_three_variants_are_told_and_three_drawn(written):
    names = ["scratch", "finetune", "frozen", "tuned"]
    for name in names:
        written.run(name)
    section = written.section(names)
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
