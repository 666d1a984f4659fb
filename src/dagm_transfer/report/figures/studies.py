"""What a sweep found: the Pareto front, accuracy over learning rate, importances, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, PercentFormatter

from dagm_transfer.report.figures.base import GREY, WIDTH, titled_axes

HEIGHT = 4.6
DEPTH_LABEL = "trainable from depth (1: fine-tuned, 14: frozen)"
ACCURACY = "validation accuracy at the end\n(stretched towards 100%)"
TICKS = (0.0, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)
ROOM = 0.02  # how far beyond 100% the stretching ends: what lies this close is not told apart
INK = "#1a1a1a"


@dataclass(frozen=True)
class Dot:
    """One completed trial; `iterations` is the whole budget where the target was not `reached`."""

    trial: int
    accuracy: float
    iterations: int | None
    reached: bool
    learning_rate: float
    depth: int
    best: bool  # one of the Pareto set


def front_figure(dots: Sequence[Dot], target: float, title: str) -> Figure:
    """Validation accuracy against iterations to the target; the Pareto set is joined by steps."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = titled_axes(figure, title, f"iterations to {100 * target:g}%", ACCURACY)
    _scatter(figure, axes, dots, [float(dot.iterations or 0) for dot in dots])
    front = sorted((dot.iterations or 0, dot.accuracy) for dot in dots if dot.best)
    axes.step(*zip(*front, strict=True), where="post", color=INK, linewidth=1, zorder=2)
    _stretch(axes, dots)
    _explain(axes, target)
    return figure


def learning_rate_figure(dots: Sequence[Dot], target: float, title: str) -> Figure:
    """Validation accuracy against the learning rate, coloured by how deep is frozen."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = titled_axes(figure, title, "learning rate (logarithmic)", ACCURACY)
    axes.set_xscale("log")
    _scatter(figure, axes, dots, [dot.learning_rate for dot in dots])
    _stretch(axes, dots)
    _explain(axes, target)
    return figure


def freezing_figure(dots: Sequence[Dot], target: float, title: str) -> Figure:
    """Validation accuracy against the first trainable depth; the line joins medians."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = titled_axes(figure, title, DEPTH_LABEL, ACCURACY)
    _scatter(figure, axes, dots, [float(dot.depth) for dot in dots])
    at = {d: [dot.accuracy for dot in dots if dot.depth == d] for d in {dot.depth for dot in dots}}
    axes.plot(sorted(at), [np.median(at[d]) for d in sorted(at)], color=GREY, zorder=2)
    axes.xaxis.set_major_locator(FixedLocator(sorted(at)))
    _stretch(axes, dots)
    _explain(axes, target)
    return figure


def importances_figure(shares: Mapping[str, float], title: str) -> Figure:
    """How much of the accuracy's variance each parameter explains."""
    figure = Figure(figsize=(WIDTH, 1.4 + 0.45 * len(shares)), layout="constrained")
    axes = titled_axes(figure, title, "share of the variance", "")
    names = [name.replace("_", " ") for name in shares]
    bars = axes.barh(names, list(shares.values()), color="#0072B2", height=0.6)
    axes.bar_label(bars, fmt=lambda value: f"{value:.0%}", padding=4, fontsize=10)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return figure


def history_figure(dots: Sequence[Dot], failed: Sequence[int], target: float, title: str) -> Figure:
    """Trials in their order, the best so far, and those that failed."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = titled_axes(figure, title, "trial", ACCURACY)
    numbers = [float(dot.trial) for dot in dots]
    _scatter(figure, axes, dots, numbers)
    best = np.maximum.accumulate([dot.accuracy for dot in dots])
    axes.step(numbers, best, where="post", color=GREY, linewidth=1.5, zorder=2)
    _stretch(axes, dots)
    bottom = axes.get_ylim()[0]
    axes.plot(failed, [bottom] * len(failed), "x", color="#D55E00", markersize=8, clip_on=False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    more = [Line2D([], [], color=GREY, linewidth=1.5, label="best so far")]
    if failed:
        more.append(Line2D([], [], linestyle="", marker="x", color="#D55E00", label="failed"))
    _explain(axes, target, more)
    return figure


def _scatter(figure: Figure, axes: Axes, dots: Sequence[Dot], x: Sequence[float]) -> None:
    """Filled where the target was reached, hollow where not, ringed where in the Pareto set."""
    depths = sorted({dot.depth for dot in dots})
    colours = _colours(len(depths))
    for place, dot in zip(x, dots, strict=True):
        colour = colours(depths.index(dot.depth))
        axes.plot(
            place, dot.accuracy, marker="o", markersize=11 if dot.best else 8, linestyle="",
            markerfacecolor=colour if dot.reached else "white", zorder=4 if dot.best else 3,
            markeredgecolor=INK if dot.best else colour, markeredgewidth=1.8,
        )  # fmt: skip
    norm = BoundaryNorm(np.arange(len(depths) + 1) - 0.5, len(depths))
    bar = figure.colorbar(
        ScalarMappable(norm, colours), ax=axes, ticks=range(len(depths)), pad=0.02
    )
    bar.ax.set_yticklabels([str(depth) for depth in depths])
    bar.set_label(DEPTH_LABEL, fontsize=10)


def _colours(count: int) -> ListedColormap:
    """Viridis, which colour-blind readers can order, without its palest end, lost on white."""
    shares = np.linspace(0, 0.9, count) if count > 1 else [0.0]
    return ListedColormap([colormaps["viridis"](share) for share in shares])


def _stretch(axes: Axes, dots: Sequence[Dot]) -> None:
    """Half the error takes the same height everywhere: good trials differ by fractions of it."""
    axes.set_yscale(
        "function",
        functions=(lambda y: -np.log(1 + ROOM - np.minimum(y, 1 + ROOM / 2)),
                   lambda z: 1 + ROOM - np.exp(-z)),
    )  # fmt: skip
    axes.yaxis.set_major_locator(FixedLocator(TICKS))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    worst = 1 - min(dot.accuracy for dot in dots)
    axes.set_ylim(1 - min(1.04, 1.3 * worst + ROOM), 1 + ROOM / 3)


def _explain(axes: Axes, target: float, more: Sequence[Line2D] = ()) -> None:
    """What filled, hollow and ringed marks mean."""
    axes.legend(
        handles=[
            _mark(f"reached {100 * target:g}%", 8, GREY, GREY),
            _mark(f"never reached {100 * target:g}%", 8, "white", GREY),
            _mark("Pareto set", 11, "white", INK),
            *more,
        ],
        fontsize=10, frameon=True, framealpha=0.9, edgecolor="none",
    )  # fmt: skip


def _mark(label: str, size: float, face: str, edge: str) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker="o", markersize=size, markeredgewidth=1.8,
        markerfacecolor=face, markeredgecolor=edge, label=label,
    )  # fmt: skip
