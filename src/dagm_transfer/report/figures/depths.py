"""Metrics over depth."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dagm_transfer.report.figures.base import GREY, WIDTH, band, legend, titled_axes
from dagm_transfer.report.figures.styles import styles_of

# Of the networks before training; a source, a fresh trunk and three controls are told apart.
DASHES = ("--", ":", "-.", (0, (1, 4)), (0, (7, 2)), (0, (4, 1, 1, 1, 1, 1)))
Scale = Literal["share", "accuracy", "linear", "log"]  # of the axis


def depth_figure(
    after: Mapping[str, Sequence[Sequence[float]]],
    before: Mapping[str, Sequence[float]],
    names: Sequence[str],
    title: str,
    ylabel: str,
    scale: Scale,
) -> Figure:
    """A layer metric against depth: means of each variant after training, and controls before it.

    Args:
        after: for each variant its runs: a value for each depth, NaN where there is none.
        before: for each control a value for each depth, drawn in grey.
        names: of the convolutions.
        title: of the figure.
        ylabel: what is measured.
        scale: shares from 0 on; accuracies, from a little below the least; other values from 0
            on; or values of different size: on a logarithmic axis what is 0 has no place.
    """
    figure = Figure(figsize=(WIDTH, 4.9), layout="constrained")
    axes = titled_axes(figure, title, "convolution, from the first to the last", ylabel)
    styles, depths = styles_of(after), range(1, len(names) + 1)
    for variant, runs in after.items():
        band(axes, variant, styles[variant], [(list(depths), run) for run in runs], fmean)
    for number, (name, values) in enumerate(before.items()):
        axes.plot(
            depths, values, color=GREY, linestyle=DASHES[number % len(DASHES)], linewidth=1.8,
            label=name, zorder=5,  # a frozen trunk lies exactly on its control
        )  # fmt: skip
    name_depths(axes, names)
    if scale == "log":
        axes.set_yscale("log")
    elif scale == "accuracy":
        axes.set_ylim(top=1.0 + 0.03 * (1.0 - axes.get_ylim()[0]))
    else:
        axes.set_ylim(0, 1.03 * axes.get_ylim()[1])  # from 0 a mark at the top would be cut
    if scale in ("share", "accuracy"):
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    legend(figure, axes)
    return figure


def name_depths(axes: Axes, names: Sequence[str]) -> None:
    """The names of the convolutions along the axis."""
    axes.set_xticks(
        range(1, len(names) + 1), names, rotation=35, ha="right", rotation_mode="anchor"
    )
