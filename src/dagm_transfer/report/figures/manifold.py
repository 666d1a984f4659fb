"""Toys in two dimensions: where a straight line between two classes stays, and where it leaves."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dagm_transfer.metrics.interpolation import off_manifold_score
from dagm_transfer.report.figures.base import WIDTH, dress

Floats = NDArray[np.float64]

COUNT = 120  # points of a class
PLACES = 41
NEIGHBORS = 5
WIDTHS = 0.12  # of the sheet and of the arc
COLOURS = ("#44AA99", "#882255")  # of no variant


class Toy(NamedTuple):
    """Points of two classes, and a straight line from one to the other.

    Attributes:
        name: of the shape.
        a: [N, 2].
        b: [N, 2].
        line: [places, 2], from a point of `a` to one of `b`.
        scores: [places], off-manifold, against the points of both.
    """

    name: str
    a: Floats
    b: Floats
    line: Floats
    scores: Floats

    @property
    def mean(self) -> float:
        """The mean score between the ends."""
        return float(self.scores[1:-1].mean())


def toys() -> list[Toy]:
    """A flat sheet, a curved one, and a flat one with a gap between the classes."""
    random = np.random.default_rng(0)
    along, across = random.uniform(0, 1, (2, COUNT)), random.uniform(-1, 1, (2, COUNT)) * WIDTHS
    halves = np.stack([along[0] / 2, 0.5 + along[1] / 2])  # both classes fill half of the way

    def flat(way: Floats, aside: Floats) -> Floats:
        return np.stack([3 * way, aside], axis=-1)

    def arc(way: Floats, aside: Floats) -> Floats:
        angle, radius = np.pi * (1 - way), 1 + aside
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)

    gap = np.stack([along[0] / 4, 0.75 + along[1] / 4])
    ends = np.array([0.1, 0.9])
    return [
        _toy("flat", flat(halves, across), flat(ends, np.zeros(2))),
        _toy("curved", arc(halves, across), arc(ends, np.zeros(2))),
        _toy("flat, classes apart", flat(gap, across), flat(ends, np.zeros(2))),
    ]


def manifold_figure(drawn: Sequence[Toy]) -> Figure:
    """Each toy's points with the line, above the score along it."""
    figure = Figure(figsize=(WIDTH, 5.4), layout="constrained")
    figure.suptitle("The straight line between two classes", fontsize=13, x=0.01, ha="left")
    grid = figure.subplots(2, len(drawn), squeeze=False, height_ratios=[1.25, 1])
    top = max(float(toy.scores.max()) for toy in drawn)
    for column, toy in enumerate(drawn):
        axes, below = grid[0][column], grid[1][column]
        for points, colour, marker, name in (
            (toy.a, COLOURS[0], "o", "one class"), (toy.b, COLOURS[1], "^", "the other class"),
        ):  # fmt: skip
            axes.scatter(*points.T, s=14, color=colour, marker=marker, label=name)
        axes.plot(*toy.line.T, color="black", linewidth=2, label="the line between them")
        axes.set_title(toy.name, fontsize=12)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_axis_off()
        below.plot(np.linspace(0, 1, len(toy.scores)), toy.scores, color="black", linewidth=2)
        below.axhline(
            1, color="#666666", linestyle="--", linewidth=1.2, label="as near as the points"
        )
        below.set_title(f"mean {toy.mean:.1f}", fontsize=11)
        below.set_ylim(0, 1.08 * top)
        dress(below, "way along the line", "off-manifold score" if column == 0 else "")
    handles, labels = grid[0][0].get_legend_handles_labels()
    more, named = grid[1][0].get_legend_handles_labels()
    figure.legend(
        [*handles, *more], [*labels, *named], loc="outside lower center", fontsize=10,
        frameon=False, ncols=4,
    )  # fmt: skip
    return figure


def _toy(name: str, points: Floats, ends: Floats) -> Toy:
    share = np.linspace(0, 1, PLACES)[:, None]
    line = (1 - share) * ends[0] + share * ends[1]
    scores = off_manifold_score(line, points.reshape(-1, 2), NEIGHBORS)
    return Toy(name, points[0], points[1], line, scores)
