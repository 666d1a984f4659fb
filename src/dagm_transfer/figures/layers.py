"""Metrics over depth."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dagm_transfer.figures.base import GREY, WIDTH, band, legend, titled_axes
from dagm_transfer.models.vgg16 import DEPTHS, NAMES


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
    axes = titled_axes(figure, title, "convolution, from the first to the last", ylabel)
    depths = list(DEPTHS)
    for variant, runs in after.items():
        band(axes, variant, [(depths, run) for run in runs], skip_zero=False)
    for number, (name, values) in enumerate(before.items()):
        axes.plot(
            depths, values, color=GREY, linestyle=("--", ":")[number % 2], linewidth=1.6, label=name
        )
    axes.set_xticks(depths, NAMES, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_ylim(bottom=0)
    if share:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    legend(axes)
    return figure
