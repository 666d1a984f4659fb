"""Pictures along lines, a row a line, each above what a network sees in it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from dagm_transfer.report.figures.base import GREY, WIDTH, Bytes

SEEN = ("#44AA99", "#882255", "#BBBBBB")  # the label at the left end, at the right end, any other
LARGEST = 72  # pixels of a picture: many large ones of noise would make a file of megabytes
BAR = 0.13  # of a picture's height


class Strip(NamedTuple):
    """One line.

    Attributes:
        name: of the row.
        pictures: [steps, H, W].
        seen: [steps, 3], probabilities of both ends and of the rest; None where nobody looked.
    """

    name: str
    pictures: Bytes
    seen: NDArray[np.float64] | None


def strips_figure(strips: Sequence[Strip], ends: tuple[str, str], title: str) -> Figure:
    """Lines from the left to the right, with a bar below each picture where somebody looked.

    Args:
        strips: the rows.
        ends: what lies at the left and at the right end.
        title: of the figure.
    """
    columns, judged = len(strips[0].pictures), any(strip.seen is not None for strip in strips)
    ratios = [height for strip in strips for height in _heights(strip)]
    side = (WIDTH - 1.2) / columns
    figure = Figure(figsize=(WIDTH, 1.1 + side * sum(ratios) + 0.25 * len(strips)))
    figure.set_layout_engine("constrained", h_pad=0.02, w_pad=0.02)
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    grid = figure.subplots(len(ratios), columns, squeeze=False, height_ratios=ratios)
    row = 0
    for strip in strips:
        for place, (axes, image) in enumerate(zip(grid[row], strip.pictures, strict=True)):
            axes.imshow(small(image), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            _bare(axes)
            if row == 0:
                _caption(axes, place, columns, ends)
        grid[row][0].set_ylabel(strip.name, fontsize=10)
        row += 1
        if strip.seen is not None:
            for axes, shares in zip(grid[row], strip.seen, strict=True):
                _bar(axes, shares)
            row += 1
    if judged:
        names = (f"sees {ends[0]}", f"sees {ends[1]}", "sees any other label")
        patches = [Patch(color=c, label=n) for c, n in zip(SEEN, names, strict=True)]
        figure.legend(
            handles=patches, loc="outside lower center", fontsize=10, frameon=False, ncols=3
        )
    return figure


def small(image: Bytes) -> Bytes:
    """A picture of at most 72 pixels: means over blocks."""
    block = -(-max(image.shape) // LARGEST)
    height, width = (size // block for size in image.shape)
    blocks = image[: height * block, : width * block].reshape(height, block, width, block)
    found: Bytes = blocks.mean(axis=(1, 3)).round().astype(np.uint8)
    return found


def _heights(strip: Strip) -> tuple[float, ...]:
    return (1.0,) if strip.seen is None else (1.0, BAR)


def _caption(axes: Axes, place: int, columns: int, ends: tuple[str, str]) -> None:
    """The names of the ends can be wider than a picture: they stand inside the figure."""
    share = f"a = {place / (columns - 1):.3g}"
    if place == 0:
        axes.set_title(f"{ends[0]}\n{share}", loc="left", fontsize=10)
    elif place == columns - 1:
        axes.set_title(f"{ends[1]}\n{share}", loc="right", fontsize=10)
    else:
        axes.set_title(share, fontsize=10)


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(GREY)


def _bar(axes: Axes, shares: NDArray[np.float64]) -> None:
    left = 0.0
    for share, colour in zip(np.nan_to_num(shares), SEEN, strict=True):
        axes.barh(0, share, left=left, color=colour, height=1)
        left += float(share)
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.5, 0.5)
    _bare(axes)
