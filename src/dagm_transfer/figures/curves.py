"""Curves over iterations."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter, ScalarFormatter

from dagm_transfer.figures.base import GREY, WIDTH, Curve, band, dress, legend, titled_axes


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
    axes = titled_axes(figure, title, "iterations (logarithmic)", ylabel)
    for variant, runs in curves.items():
        band(axes, variant, runs, skip_zero=True)
    axes.axhline(trivial, color=GREY, linestyle="--", linewidth=1.2, zorder=1)
    axes.annotate(
        f"right texture, never defective: {trivial:.1%}",
        (0.01, trivial), xycoords=("axes fraction", "data"), xytext=(0, 4),
        textcoords="offset points", color=GREY, fontsize=10,
    )  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_ylim(0, 1.03)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    legend(axes)
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
        dress(axes, "iterations", panel)
        for variant, runs in variants.items():
            band(axes, variant, runs, skip_zero=False)
        if "accuracy" in panel:
            axes.set_ylim(0, 1.03)
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        else:
            axes.set_ylim(bottom=0)
        if place == 1:
            legend(axes)
    return figure
