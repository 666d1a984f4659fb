"""The project's figures, and the only importer of matplotlib: data in, a Figure out.

A variant has the same colour and marker everywhere, from the palette of Okabe and Ito, which
colour-blind readers can tell apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter, ScalarFormatter
from numpy.typing import NDArray

from dagm_transfer.models.vgg16 import DEPTHS, NAMES
from dagm_transfer.training.recorder import Begin, Evaluation, Event

STYLES = {
    "scratch": ("#D55E00", "o"),
    "scratch_aug": ("#E69F00", "s"),
    "finetune": ("#0072B2", "^"),
    "frozen": ("#56B4E9", "D"),
    "lp_ft": ("#009E73", "v"),
    "mean_var": ("#CC79A7", "P"),
    "shuffled": ("#999999", "X"),
}
OTHER = ("#000000", "*")
GREY = "#666666"
WIDTH = 9.0  # inches; the report shows figures at 96 dots an inch or less
DOTS = 160

Curve = tuple[Sequence[int], Sequence[float]]
Bytes = NDArray[np.uint8]


def accuracy_figure(
    curves: Mapping[str, Sequence[Curve]], trivial: float, title: str, ylabel: str
) -> Figure:
    """Validation accuracy against iterations, all variants on one logarithmic axis.

    Args:
        curves: for each variant its runs, one a seed: iterations and accuracies.
        trivial: accuracy of the answer "right texture, never defective" on the same images.
        title: of the figure.
        ylabel: what is measured, on what.
    """
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    axes = _axes(figure, title, "iterations (logarithmic)", ylabel)
    for variant, runs in curves.items():
        _band(axes, variant, runs, skip_zero=True)
    axes.axhline(trivial, color=GREY, linestyle="--", linewidth=1.2, zorder=1)
    axes.annotate(
        f"right texture, never defective: {trivial:.1%}",
        (0.01, trivial), xycoords=("axes fraction", "data"), xytext=(0, 4),
        textcoords="offset points", color=GREY, fontsize=10,
    )  # fmt: skip
    axes.set_xscale("log")
    steps = sorted({s for runs in curves.values() for its, _ in runs for s in its if s > 0})
    axes.xaxis.set_major_locator(FixedLocator(_thinned(steps)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_ylim(0, 1.03)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    _legend(axes)
    return figure


def loss_figure(curves: Mapping[str, Mapping[str, Sequence[Curve]]], title: str) -> Figure:
    """Loss and accuracy on training and validation images, a panel each, a line a variant.

    Args:
        curves: panel title to variant to runs.
        title: of the figure.
    """
    figure = Figure(figsize=(WIDTH, 6.4), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    for place, (panel, variants) in enumerate(curves.items(), start=1):
        axes = figure.add_subplot(2, 2, place)
        _dress(axes, "iterations", panel)
        for variant, runs in variants.items():
            _band(axes, variant, runs, skip_zero=False)
        if "accuracy" in panel:
            axes.set_ylim(0, 1.03)
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        else:
            axes.set_ylim(bottom=0)
        if place == 1:
            _legend(axes)
    return figure


def depth_figure(
    after: Mapping[str, Sequence[Sequence[float]]],
    before: Mapping[str, Sequence[float]],
    title: str,
    ylabel: str,
    *,
    share: bool,
) -> Figure:
    """A layer metric against depth: each variant after training, and controls before it.

    Args:
        after: for each variant its runs: a value for each of the 13 depths.
        before: for each control a value for each depth, drawn dashed.
        title: of the figure.
        ylabel: what is measured.
        share: the values are shares between 0 and 1.
    """
    figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
    axes = _axes(figure, title, "convolution, from the first to the last", ylabel)
    depths = list(DEPTHS)
    for variant, runs in after.items():
        _band(axes, variant, [(depths, run) for run in runs], skip_zero=False)
    for number, (name, values) in enumerate(before.items()):
        axes.plot(
            depths, values, color=GREY, linestyle=("--", ":")[number % 2], linewidth=1.6, label=name
        )
    axes.set_xticks(depths, NAMES, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_ylim(bottom=0)
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    _legend(axes)
    return figure


def samples_figure(
    photographs: Sequence[tuple[str, Bytes]], filters: Bytes, textures: Sequence[tuple[str, Bytes]]
) -> Figure:
    """What the source was trained on and learned, over what is inspected.

    Args:
        photographs: captions and colour images [H, W, 3].
        filters: the first layer's filters as one picture [H, W, 3].
        textures: captions and grey images [H, W], normal and defective in turn.
    """
    figure = Figure(figsize=(WIDTH, 6.6), layout="constrained")
    halves = figure.add_gridspec(2, 1, height_ratios=[1, 1.25])
    top, below = figure.add_subfigure(halves[0]), figure.add_subfigure(halves[1])
    top.suptitle("Source: photographs, and what the first layer made of them", fontsize=12)
    below.suptitle("Target: textures without (above) and with a defect (below)", fontsize=12)
    source = [*photographs, ("the 64 filters of conv1_1", filters)]
    for axes, (caption, image) in zip(_row(top, len(source)), source, strict=True):
        _picture(axes, caption, image)
    columns = len(textures) // 2
    grid = below.subplots(2, columns, squeeze=False)
    for axes, (caption, image) in zip(grid.T.flat, textures, strict=True):
        _picture(axes, caption, image)
    return figure


def errors_figure(pictures: Sequence[tuple[str, Bytes]], title: str) -> Figure:
    """Wrongly judged images with what they are and what they were judged to be."""
    columns = 4
    rows = max(1, -(-len(pictures) // columns))
    figure = Figure(figsize=(WIDTH, 0.5 + 2.7 * rows), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    if not pictures:
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.text(0.5, 0.5, "none", ha="center", va="center", fontsize=14, color=GREY)
    for place, (caption, image) in enumerate(pictures, start=1):
        _picture(figure.add_subplot(rows, columns, place), caption, image)
    return figure


def log_figures(events: list[Event]) -> dict[str, Figure]:
    """The figure of one log: the curve of a training, or the metrics over depth."""
    begin = events[0]
    assert isinstance(begin, Begin), "a log begins with the run"
    told = [event for event in events if isinstance(event, Evaluation)]
    if begin.kind == "layers":
        figure = Figure(figsize=(WIDTH, 7), layout="constrained")
        figure.suptitle(begin.key, fontsize=13, x=0.01, ha="left")
        for place, name in enumerate(("weight_change", "sparsity"), start=1):
            axes = figure.add_subplot(2, 1, place)
            _dress(axes, "", name.replace("_", " "))
            values = [event.metrics.get(f"layers/{name}", np.nan) for event in told]
            _band(axes, begin.variant, [(list(DEPTHS), values)], skip_zero=False)
            axes.set_xticks(list(DEPTHS), NAMES, rotation=35, ha="right", rotation_mode="anchor")
            axes.set_ylim(bottom=0)
        return {"layers": figure}
    curves = {
        f"{part} {what}": {begin.variant: [_curve(told, f"{key}/{what}")]}
        for what in ("loss", "accuracy")
        for part, key in (("training", "train"), ("validation", "val"))
    }
    return {"curves": loss_figure(curves, begin.key)}


def _curve(told: list[Evaluation], name: str) -> Curve:
    points = [(event.step, event.metrics[name]) for event in told if name in event.metrics]
    return [step for step, _ in points], [value for _, value in points]


def _axes(figure: Figure, title: str, xlabel: str, ylabel: str) -> Axes:
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=13, loc="left")
    _dress(axes, xlabel, ylabel)
    return axes


def _dress(axes: Axes, xlabel: str, ylabel: str) -> None:
    axes.set_xlabel(xlabel, fontsize=11)
    axes.set_ylabel(ylabel, fontsize=11)
    axes.tick_params(labelsize=10)
    axes.grid(visible=True, color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _band(axes: Axes, variant: str, runs: Sequence[Curve], *, skip_zero: bool) -> None:
    """The median over seeds, and a band from the least to the largest."""
    colour, marker = STYLES.get(variant, OTHER)
    steps = sorted(set.intersection(*(set(its) for its, _ in runs)))
    steps = [step for step in steps if step > 0 or not skip_zero]
    values = np.array([[dict(zip(*run, strict=True))[step] for step in steps] for run in runs])
    axes.plot(
        steps, np.median(values, axis=0), color=colour, marker=marker, markersize=5.5,
        linewidth=2, label=variant, zorder=3,
    )  # fmt: skip
    if len(runs) > 1:
        axes.fill_between(
            steps, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.18, linewidth=0
        )


def _legend(axes: Axes) -> None:
    axes.legend(fontsize=10, frameon=True, framealpha=0.9, edgecolor="none")


def _picture(axes: Axes, caption: str, image: Bytes) -> None:
    options: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    axes.imshow(image, interpolation="antialiased", **options)
    axes.set_title(caption, fontsize=9)
    axes.set_axis_off()


def _row(figure: SubFigure, columns: int) -> list[Axes]:
    return [figure.add_subplot(1, columns, place) for place in range(1, columns + 1)]


def _thinned(steps: list[int]) -> list[int]:
    """Ticks that leave room for their labels: each at least a quarter larger than the last."""
    kept: list[int] = []
    for step in steps:
        if not kept or step >= 1.3 * kept[-1]:
            kept.append(step)
    return kept
