"""Images side by side."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from dagm_transfer.figures.base import GREY, WIDTH, Bytes, picture


def samples_figure(
    photographs: Sequence[tuple[str, Bytes]], filters: Bytes, textures: Sequence[tuple[str, Bytes]]
) -> Figure:
    """What the source was trained on and learned, over what is inspected.

    Args:
        photographs: captions and colour images [H, W, 3].
        filters: the first layer's filters as one picture [H, W, 3].
        textures: captions and grey images [H, W], normal and defective in turn.
    """
    figure = Figure(figsize=(WIDTH, 6.6), layout="constrained")
    halves = figure.add_gridspec(2, 1, height_ratios=[1, 1.25])
    top, below = figure.add_subfigure(halves[0]), figure.add_subfigure(halves[1])
    top.suptitle("Source: photographs, and what the first layer made of them", fontsize=12)
    below.suptitle("Target: textures without (above) and with a defect (below)", fontsize=12)
    source = [*photographs, ("the 64 filters of conv1_1", filters)]
    for axes, (caption, image) in zip(_row(top, len(source)), source, strict=True):
        picture(axes, caption, image)
    columns = len(textures) // 2
    grid = below.subplots(2, columns, squeeze=False)
    for axes, (caption, image) in zip(grid.T.flat, textures, strict=True):
        picture(axes, caption, image)
    return figure


def errors_figure(pictures: Sequence[tuple[str, Bytes]], title: str) -> Figure:
    """Wrongly judged images with what they are and what they were judged to be."""
    columns = 4
    rows = max(1, -(-len(pictures) // columns))
    figure = Figure(figsize=(WIDTH, 0.5 + 2.7 * rows), layout="constrained")
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
