"""Curves over iterations."""

import math
from collections.abc import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter, ScalarFormatter

from dagm_transfer.report.figures.base import (
    GREY,
    WIDTH,
    Curve,
    band,
    dress,
    legend,
    logarithmic_from_0,
)
from dagm_transfer.report.figures.styles import styles_of

NEAR, TARGETS = 0.9, (0.9, 0.95, 0.99, 1.0)  # accuracies of the panel near 100 %, and its lines
WORTH = 0.95  # that a run has to reach for such a panel: below it there is little to see in it
LOSS_ROOM = 2.0  # times the largest loss at the start: what climbs further leaves the panel


def accuracy_figure(
    curves: Mapping[str, Sequence[Curve]], trivial: float, title: str, ylabel: str
) -> Figure:
    """Validation accuracy against iterations, all variants on one logarithmic axis.

    Where a run comes near 100 %, a second panel below shows what lies there.

    Args:
        curves: for each variant its runs, one a seed: iterations and accuracies.
        trivial: accuracy of the answer "right group, never defective" on the same images.
        title: of the figure.
        ylabel: what is measured, on what.
    """
    near = any(max(of, default=0.0) >= WORTH for runs in curves.values() for _, of in runs)
    figure = Figure(figsize=(WIDTH, 7.2 if near else 5.0), layout="constrained")
    panels = figure.subplots(1 + near, sharex=True, squeeze=False, height_ratios=[3, 2][: 1 + near])
    styles = styles_of(curves)
    for axes in panels[:, 0]:
        dress(axes, "", "")
        for variant, runs in curves.items():
            band(axes, variant, styles[variant], [_after_start(run) for run in runs])
        axes.axhline(
            trivial, color=GREY, linestyle="--", linewidth=1.4, zorder=1,
            label=f"right group, never defective: {trivial:.1%}",
        )  # fmt: skip
    first, last = panels[0, 0], panels[-1, 0]
    first.set_title(title, fontsize=13, loc="left")
    first.set_ylabel(ylabel, fontsize=11)
    last.set_xlabel("iterations (logarithmic)", fontsize=11)
    last.set_xscale("log")
    last.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    last.xaxis.set_minor_locator(NullLocator())
    last.xaxis.set_major_formatter(ScalarFormatter())
    _as_share(first)
    if near:
        _as_share(last)
        last.set_ylim(NEAR, 1.003)
        last.set_yticks(TARGETS)
        last.set_ylabel(f"the same, from {NEAR:.0%} on", fontsize=11)
    legend(figure, first)
    return figure


def loss_figure(curves: Mapping[str, Mapping[str, Sequence[Curve]]], title: str) -> Figure:
    """Loss and accuracy on training and validation images, a panel each, a line a variant.

    Args:
        curves: panel title to variant to runs.
        title: of the figure.
    """
    figure = Figure(figsize=(WIDTH, 6.8), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    styles = styles_of(variant for variants in curves.values() for variant in variants)
    for place, (panel, variants) in enumerate(curves.items(), start=1):
        axes = figure.add_subplot(2, 2, place)
        dress(axes, "iterations (logarithmic)", panel)
        for variant, runs in variants.items():
            band(axes, variant, styles[variant], runs)
        logarithmic_from_0(axes, [run for runs in variants.values() for run in runs])
        if "accuracy" in panel:
            _as_share(axes)
        else:
            axes.set_ylim(0, _loss_top(run for runs in variants.values() for run in runs))
        if place == 1:
            legend(figure, axes)
    return figure


def _after_start(run: Curve) -> Curve:
    """Without iteration 0, which a logarithmic axis has no place for."""
    points = [(step, value) for step, value in zip(*run, strict=True) if step > 0]
    return [step for step, _ in points], [value for _, value in points]


def _as_share(axes: Axes) -> None:
    axes.set_ylim(0, 1.03)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _loss_top(runs: Iterable[Curve]) -> float | None:
    """Where a loss axis ends: a run on its way to infinity would press all others flat."""
    losses = [[value for value in values if math.isfinite(value)] for _, values in runs]
    found = [values for values in losses if values]
    if not found:
        return None
    room = LOSS_ROOM * max(values[0] for values in found)
    return min(room, 1.05 * max(map(max, found))) or None
