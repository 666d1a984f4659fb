"""Accuracy of students against their size, for each teacher and without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, PercentFormatter

from dagm_transfer.report.figures.base import GREY, WIDTH, legend, titled_axes
from dagm_transfer.report.figures.styles import Style, styles_of

HEIGHT = 5.2
ALONE = Style("#000000", "o")  # students without a teacher
APART = 0.06  # between two teachers at one size, as a share of it: else intervals cover each other
HEADROOM = 0.02


@dataclass(frozen=True)
class SizedAccuracy:
    """Test accuracy of the students of one size, with its 95 % interval."""

    filters: int
    divisor: int
    accuracy: float
    low: float
    high: float


def students_figure(
    students: Mapping[str, Sequence[SizedAccuracy]],
    teachers: Mapping[str, float],
    alone: Sequence[SizedAccuracy],
    trivial: float,
    title: str,
) -> Figure:
    """Test accuracy against filters, on a logarithmic axis; the teachers' own are lines.

    Args:
        students: by teacher, one a size.
        teachers: accuracy of each teacher itself.
        alone: students of the labels alone.
        trivial: accuracy of the right group, never defective.
        title: of the figure.
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = titled_axes(figure, title, "filters of all convolutions (logarithmic)", "test accuracy")
    axes.set_xscale("log")
    lines = [
        *((f"taught by {name}", styles_of(students)[name], points)
          for name, points in students.items()),
        ("labels alone", ALONE, alone),
    ]  # fmt: skip
    for place, (label, style, points) in enumerate(lines):
        shift = 1 + APART * (place - (len(lines) - 1) / 2)
        values = [point.accuracy for point in points]
        ends = (
            [value - point.low for value, point in zip(values, points, strict=True)],
            [point.high - value for value, point in zip(values, points, strict=True)],
        )
        axes.errorbar(
            [point.filters * shift for point in points], values, yerr=ends, color=style.colour,
            marker=style.marker, markersize=7, linewidth=2, elinewidth=1.4, capsize=3,
            linestyle="--" if style is ALONE else "-", label=label, zorder=3,
        )  # fmt: skip
    for name, accuracy in teachers.items():
        axes.axhline(
            accuracy, color=styles_of(teachers)[name].colour, linewidth=1.4, linestyle=":",
            label=f"{name} itself", zorder=2,
        )  # fmt: skip
    axes.axhline(trivial, color=GREY, linewidth=1.2, linestyle="-.", zorder=1,
                 label="right group, never defective")  # fmt: skip
    sizes = {point.filters: point.divisor for _, _, points in lines for point in points}
    axes.xaxis.set_major_locator(FixedLocator(sorted(sizes)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticklabels([f"{count:,}\n1/{sizes[count]}" for count in sorted(sizes)])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylim(0, 1 + HEADROOM)
    legend(figure, axes)
    return figure
