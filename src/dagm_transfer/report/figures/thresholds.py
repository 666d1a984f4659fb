"""Errors and cost as the threshold moves."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from dagm_transfer.report.figures.base import GREY, WIDTH, dress

MISSED, REJECTED, COST = "#D55E00", "#0072B2", "#1a1a1a"


@dataclass(frozen=True)
class Course:
    """What images would give from each threshold on to the next.

    Attributes:
        thresholds: rising.
        missed: share of the defective images.
        rejected: share of the normal ones.
        cost: of 100 images.
    """

    thresholds: Sequence[float]
    missed: Sequence[float]
    rejected: Sequence[float]
    cost: Sequence[float]


def thresholds_figure(test: Course, validated: Course, chosen: float, title: str) -> Figure:
    """Shares of errors over cost, test images solid and validation images dashed.

    Args:
        test: of the test images.
        validated: of the validation images.
        chosen: the threshold in use.
        title: of the figure.
    """
    figure = Figure(figsize=(WIDTH, 6.6), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    errors, cost = figure.subplots(2, 1, sharex=True)
    dress(errors, "", "share of their kind")
    dress(cost, "threshold on the score (log-odds of a defect)", "cost of 100 images")
    for course, line, wide in ((test, "-", 2.2), (validated, "--", 1.4)):
        for axes, values, colour in (
            (errors, course.missed, MISSED),
            (errors, course.rejected, REJECTED),
            (cost, course.cost, COST),
        ):
            axes.step(
                course.thresholds, values, where="post", color=colour, linestyle=line,
                linewidth=wide,
            )  # fmt: skip
    for axes in (errors, cost):
        axes.axvline(chosen, color=GREY, linewidth=1.4, linestyle=":")
        axes.set_xlim(test.thresholds[0], test.thresholds[-1])
    errors.set_ylim(-0.03, 1.03)
    errors.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    cost.set_ylim(bottom=0)
    figure.legend(
        handles=[
            Line2D([], [], color=MISSED, linewidth=2.2, label="missed defects"),
            Line2D([], [], color=REJECTED, linewidth=2.2, label="falsely rejected"),
            Line2D([], [], color=COST, linewidth=2.2, label="cost"),
            Line2D([], [], color=GREY, linewidth=2.2, label="solid: test images"),
            Line2D([], [], color=GREY, linewidth=1.4, linestyle="--", label="dashed: validation"),
            Line2D([], [], color=GREY, linewidth=1.4, linestyle=":", label="threshold in use"),
        ],
        loc="outside lower center", ncols=3, fontsize=11, frameon=False,
    )  # fmt: skip
    return figure
