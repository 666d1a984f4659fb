"""Metrics over depth."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dagm_transfer.models.vgg16 import DEPTHS, NAMES
from dagm_transfer.report.figures.base import GREY, WIDTH, band, legend, titled_axes
from dagm_transfer.report.figures.styles import styles_of


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
        after: for each variant its runs: a value for each of the 13 depths, NaN where there is
            none.
        before: for each control a value for each depth, drawn in grey.
        title: of the figure.
        ylabel: what is measured.
        share: the values are shares between 0 and 1.
    """
    figure = Figure(figsize=(WIDTH, 4.9), layout="constrained")
    axes = titled_axes(figure, title, "convolution, from the first to the last", ylabel)
    styles = styles_of(after)
    for variant, runs in after.items():
        band(axes, variant, styles[variant], [(list(DEPTHS), run) for run in runs])
    for number, (name, values) in enumerate(before.items()):
        axes.plot(
            list(DEPTHS), values, color=GREY, linestyle=("--", ":")[number % 2], linewidth=1.8,
            label=name,
        )  # fmt: skip
    name_depths(axes)
    axes.set_ylim(bottom=0)
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    legend(figure, axes)
    return figure


def name_depths(axes: Axes) -> None:
    """The names of the convolutions along the axis."""
    axes.set_xticks(list(DEPTHS), NAMES, rotation=35, ha="right", rotation_mode="anchor")
