"""Images side by side."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from dagm_transfer.report.figures.base import GREY, WIDTH, Bytes, picture


class Group(NamedTuple):
    """A group with an image of either kind."""

    name: str
    normal: Bytes
    defective: Bytes


def samples_figure(
    photographs: Sequence[tuple[str, Bytes]], filters: Bytes, groups: Sequence[Group]
) -> Figure:
    """What the source was trained on and learned, over what is inspected.

    Args:
        photographs: captions and colour images [H, W, 3].
        filters: the first layer's filters as one picture [H, W, 3].
        groups: grey images [H, W].
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
            picture(axes, f"{group.name}\n{state}", tested)
    return figure


def errors_figure(pictures: Sequence[tuple[str, Bytes]], title: str) -> Figure:
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
    for place, (caption, image) in enumerate(pictures, start=1):
        picture(figure.add_subplot(rows, columns, place), caption, image)
    return figure


def _row(figure: SubFigure, columns: int) -> list[Axes]:
    return [figure.add_subplot(1, columns, place) for place in range(1, columns + 1)]
