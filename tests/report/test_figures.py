"""Figures show every number that there is, and nothing more."""

import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.events.event import End, Evaluation, Timing
from dagm_transfer.events.log import finished_log, read_log
from dagm_transfer.models.vgg16 import NAMES
from dagm_transfer.report.figures.base import band, png_of
from dagm_transfer.report.figures.curves import accuracy_figure, loss_figure
from dagm_transfer.report.figures.depths import DASHES, depth_figure
from dagm_transfer.report.figures.logs import layers_figures, training_figures
from dagm_transfer.report.figures.pictures import Group, Pictured, errors_figure, samples_figure
from dagm_transfer.report.figures.styles import KNOWN, Style
from dagm_transfer.training.paths import TrainingPaths

pytestmark = pytest.mark.filterwarnings("error")
RUNS = [
    ([0, 10, 20, 30], [0.1, 0.5, 0.8, 0.9]),
    ([0, 10], [0.2, 0.1]),
    ([0, 10, 20], [0.3, 0.9, 1]),
]


def line_of(axes):
    return {float(x): float(y) for x, y in axes.lines[0].get_xydata()}


def test_a_run_that_ends_early_cuts_no_other_short():
    axes = Figure().add_subplot()
    band(axes, "finetune", Style("#000000", "o"), RUNS)
    assert line_of(axes) == pytest.approx({0: 0.2, 10: 0.5, 20: 0.9, 30: 0.9})
    edges = axes.collections[0].get_paths()[0].vertices
    ends = {
        x: (min(ys), max(ys)) for x in (0, 10, 20, 30) if (ys := edges[edges[:, 0] == x, 1]).size
    }
    assert ends == {0: (0.1, 0.3), 10: (0.1, 0.9), 20: (0.8, 1.0), 30: (0.9, 0.9)}


def test_what_is_not_finite_is_left_out():
    axes = Figure().add_subplot()
    band(axes, "finetune", Style("#000000", "o"), [([1, 2], [math.nan, 0.5]), ([1, 2], [0.1, 0.7])])
    assert line_of(axes) == pytest.approx({1: 0.1, 2: 0.6})


def test_the_accuracy_begins_after_iteration_0_and_names_the_trivial_answer():
    figure = accuracy_figure({"finetune": RUNS}, 0.571, "title", "accuracy")
    axes, near = figure.axes
    assert min(line_of(axes)) == min(line_of(near)) == 10
    assert near.get_ylim()[0] == 0.9
    low = [([10, 20], [0.3, 0.91])]
    (alone,) = accuracy_figure({"finetune": low}, 0.571, "title", "accuracy").axes
    assert alone.get_xlabel() == "iterations (logarithmic)", "nothing comes near 100 %"
    assert "right group, never defective: 57.1%" in legend_of(figure)


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_loss_on_its_way_to_infinity_does_not_press_the_others_flat():
    curves = {"finetune": [([0, 10], [2.0, 0.1])], "scratch": [([0, 10, 20], [1.8, 9e9, math.inf])]}
    figure = loss_figure({"training loss": curves}, "title")
    assert figure.axes[0].get_ylim() == (0, 4.0)
    png_of(figure)


def test_a_panel_of_a_run_that_never_had_a_loss_is_drawn():
    png_of(loss_figure({"validation loss": {"scratch": [([], [])]}}, "title"))


def test_a_network_that_is_not_finite_has_a_gap_over_depth():
    runs = [[math.nan] * 13, [0.1] * 13]
    figure = depth_figure({"scratch": runs}, {"fresh trunk": [0.2] * 13}, NAMES, "t", "y", "share")
    assert set(line_of(figure.axes[0]).values()) == {0.1}
    png_of(figure)


@pytest.mark.parametrize("value", [0.0, 0.9, 1.0])
def test_over_depth_a_mark_at_the_top_is_not_cut(value):
    runs = [[value - 0.01 * value] * 12 + [value]]
    figure = depth_figure({"frozen": runs}, {}, NAMES, "t", "y", "share")
    bottom, top = figure.axes[0].get_ylim()
    assert bottom == 0
    assert top > 1.03 * value


def test_what_does_not_move_has_no_place_on_a_logarithmic_axis():
    moved = {"frozen": [[0.0] * 13], "finetune": [[0.001] * 13], "scratch": [[0.1] * 13]}
    figure = depth_figure(moved, {}, NAMES, "t", "y", "log")
    bottom, top = figure.axes[0].get_ylim()
    assert 1e-4 < bottom < 0.001
    assert 0.1 < top < 1
    png_of(figure)


def test_the_legend_of_all_variants_and_starts_is_inside_and_tells_them_apart():
    starts = ["source trunk", "fresh trunk (he)", "control trunk (mean_var)",
              "control trunk (shuffled)", "control trunk (he_matched)"]  # fmt: skip
    variants = [name for name in KNOWN if name != "tuned"]
    after = {name: [[0.5] * 13] for name in variants}
    before = {f"{name}, before training": [0.1] * 13 for name in starts}
    figure = depth_figure(after, before, NAMES, "t", "y", "share")
    png_of(figure)
    box, width = figure.legends[0].get_window_extent(), figure.bbox.width
    assert 0 <= box.x0 < box.x1 <= width
    assert len(starts) <= len(set(DASHES)) == len(DASHES)


def test_every_line_has_a_look_of_its_own():
    figure = accuracy_figure(dict.fromkeys(["tuned", "mine", "yours"], RUNS), 0.5, "t", "y")
    lines = figure.axes[0].lines[:3]
    assert len({line.get_color() for line in lines}) == 3
    assert len({str(line.get_marker()) for line in lines}) == 3


def test_the_figures_of_a_log(project, sketches):
    key = project.add("scratch", 0, sketches["scratch"], diverges_at=50)
    events = finished_log(TrainingPaths(key).log.below(project.root))
    (figure,) = training_figures(events).values()
    panels = {axes.get_ylabel(): axes for axes in figure.axes}
    assert len(line_of(panels["validation accuracy"])) == 6
    assert len(line_of(panels["validation loss"])) == 5
    png_of(figure)


def test_the_figures_of_a_layers_log(project, sketches):
    begin = read_log(
        TrainingPaths(project.add("mine", 0, sketches["tuned"])).log.below(project.root)
    )[0]
    told = [Evaluation(d, {"layers/weight_change": d / 100}, Timing(0.0)) for d in range(1, 14)]
    events = [replace(begin, kind="layers"), *told, End(13, {}, {}, Timing(0.0))]
    (figure,) = layers_figures(events).values()
    assert line_of(figure.axes[0]) == pytest.approx({d: d / 100 for d in range(1, 14)})
    assert line_of(figure.axes[1]) == {}  # the network was not finite
    png_of(figure)


def test_every_group_is_drawn_without_and_with_a_defect():
    grey, colour = np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.uint8)
    label = Ellipse(x=4, y=3, semi_major=2, semi_minor=1, angle=0.5)
    group = Group("g", Pictured(grey), Pictured(grey, label))
    figure = samples_figure([("a", colour)], colour, [group])
    drawn = [axes.get_title() for axes in figure.axes if axes.images]
    assert drawn == ["a", "the 64 filters of conv1_1", "g\nnormal", "g\ndefective"]
    assert [len(axes.patches) for axes in figure.axes if axes.images] == [0, 0, 0, 2]


def test_the_outline_of_a_defect_is_where_its_mask_is():
    label = Ellipse(x=40, y=30, semi_major=20, semi_minor=6, angle=0.5)
    figure = errors_figure([("missed", Pictured(np.zeros((80, 80), np.uint8), label))], "title")
    png_of(figure)
    (axes,) = figure.axes
    drawn = axes.patches[0]
    (ring,) = drawn.get_path().transformed(drawn.get_transform()).to_polygons()
    places = axes.transData.inverted().transform(ring).round().astype(int)
    grown, shrunk = (
        replace(label, semi_major=20 + d, semi_minor=6 + d).mask(80, 80) for d in (1.5, -1.5)
    )
    assert all(grown[y, x] and not shrunk[y, x] for x, y in places)
    assert np.ptp(places[:, 0]) > np.ptp(places[:, 1]) > 15
