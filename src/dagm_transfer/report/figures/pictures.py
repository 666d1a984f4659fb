"""Images side by side."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib import patches
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.report.figures.base import GREY, OUTLINE, WIDTH, Bytes, picture


class Pictured(NamedTuple):
    """A grey image [H, W], and where its defect lies; None where it has none, or no weak label."""

    image: Bytes
    label: Ellipse | None = None


class Group(NamedTuple):
    """A group with an image of either kind."""

    name: str
    normal: Pictured
    defective: Pictured


def samples_figure(
    photographs: Sequence[tuple[str, Bytes]], filters: Bytes, groups: Sequence[Group]
) -> Figure:
    """What the source was trained on and learned, over what is inspected.

    Args:
        photographs: captions and colour images [H, W, 3].
        filters: the first layer's filters as one picture [H, W, 3].
        groups: what is inspected.
    """
    # Few groups in one row would be drawn larger than the photographs above them.
    side = WIDTH / max(len(groups), 4)
    figure = Figure(figsize=(WIDTH, 3.4 + 2 * (side + 0.15)), layout="constrained")
    halves = figure.add_gridspec(2, 1, height_ratios=[3.1, 0.3 + 2 * (side + 0.15)])
    top, below = figure.add_subfigure(halves[0]), figure.add_subfigure(halves[1])
    top.suptitle("Source: photographs, and the filters of the first layer", fontsize=12)
    below.suptitle("Target: images without (above) and with a defect (below)", fontsize=12)
    source = [*photographs, ("the 64 filters of conv1_1", filters)]
    for axes, (caption, image) in zip(_row(top, len(source)), source, strict=True):
        picture(axes, caption, image)
    grid = below.subplots(2, len(groups), squeeze=False)
    for column, group in zip(grid.T, groups, strict=True):
        states = (("normal", group.normal), ("defective", group.defective))
        for axes, (state, tested) in zip(column, states, strict=True):
            picture(axes, f"{group.name}\n{state}", tested.image)
            _outline(axes, tested.label)
    return figure


def errors_figure(pictures: Sequence[tuple[str, Pictured]], title: str) -> Figure:
    """Wrongly judged images with what they are and what they were judged to be."""
    columns = 4
    rows = max(1, -(-len(pictures) // columns))
    height = 0.5 + 2.9 * rows if pictures else 1.2
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    if not pictures:
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.text(0.5, 0.5, "none", ha="center", va="center", fontsize=14, color=GREY)
    for place, (caption, tested) in enumerate(pictures, start=1):
        axes = figure.add_subplot(rows, columns, place)
        picture(axes, caption, tested.image)
        _outline(axes, tested.label)
    return figure


def _outline(axes: Axes, label: Ellipse | None) -> None:
    """The border of the weak label, over an image in its own pixels."""
    if label is None:
        return
    for colour, thick in (("white", 3.0), (OUTLINE, 1.5)):
        axes.add_patch(
            patches.Ellipse(
                (label.x, label.y), 2 * label.semi_major, 2 * label.semi_minor,
                angle=math.degrees(label.angle), fill=False, edgecolor=colour, linewidth=thick,
            )
        )  # fmt: skip


def _row(figure: SubFigure, columns: int) -> list[Axes]:
    return [figure.add_subplot(1, columns, place) for place in range(1, columns + 1)]
