"""Accuracy against size."""

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dagm_transfer.report.figures.base import GREY, WIDTH, Curve, legend, titled_axes
from dagm_transfer.report.figures.styles import styles_of


def sizes_figure(students: Mapping[str, Curve], own: tuple[float, float], ylabel: str) -> Figure:
    """Students of each teacher as a line over their size, and the network in use.

    Args:
        students: for each teacher's variant its students: parameters, rising, and accuracies.
        own: parameters and accuracy of the network in use.
        ylabel: what is measured, on what.
    """
    figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
    axes = titled_axes(figure, "Accuracy against size", "parameters (logarithmic)", ylabel)
    styles = styles_of(students)
    for teacher, (sizes, accuracies) in students.items():
        axes.plot(
            sizes, accuracies, color=styles[teacher].colour, marker=styles[teacher].marker,
            markersize=7, linewidth=2, label=f"learnt from {teacher}",
        )  # fmt: skip
    axes.plot(*own, color=GREY, marker="*", markersize=14, linestyle="", label="in use")
    axes.set_xscale("log")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    legend(figure, axes)
    return figure
