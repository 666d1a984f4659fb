"""The last layer's response to whole images: the strongest channels, and the class activation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from dagm_transfer.report.figures.base import OUTLINE, WIDTH

Bytes = NDArray[np.uint8]
HEAT, STRENGTH = "cividis", "magma"  # both even in lightness: readable in grey as well
TILES_A_ROW, TILES = 4, 16
ROOM = 0.9  # inches for the title, the names of the columns and the legend
TEXT = 0.5  # inches below each picture
# A surface is noise to a PNG: what a picture has of pixels and of levels decides its size.
ACROSS, LEVELS = 96, 8
TILE = 24  # pixels of a channel


@dataclass(frozen=True)
class Response:
    """What one network shows of one image.

    Attributes:
        channels: its strongest ones, [64 or fewer, h, w].
        heat: its class activation, [H, W].
        active: the share of channels that respond; before training, the same.
        auroc: the pixel AUROC of the class activation; None without a weak label.
    """

    channels: Bytes
    heat: Bytes
    active: tuple[float, float]
    auroc: float | None


@dataclass(frozen=True)
class ShownImage:
    """An image in a row of the figure, and what each variant shows of it.

    `label` is its weak label, None where there is none.
    """

    name: str
    pixels: Bytes
    label: Bytes | None
    responses: Mapping[str, Response]


def responses_figure(images: Sequence[ShownImage], title: str) -> Figure:
    """Rows are images; beside each, its channels and its class activation in each variant.

    Args:
        images: at least one, each with the same variants.
        title: of the figure.
    """
    variants = list(images[0].responses)
    columns = 1 + 2 * len(variants)
    side = min(WIDTH / columns, 2.2)
    figure = Figure(figsize=(WIDTH, len(images) * (side + TEXT) + ROOM), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    grid = figure.subplots(len(images), columns, squeeze=False)
    for row, image in zip(grid, images, strict=True):
        _draw(row[0], _thinned(image.pixels), "gray", image.name)
        _outline(row[0], image.label)
        for place, variant in enumerate(variants):
            found = image.responses[variant]
            strong, heat = row[1 + 2 * place], row[2 + 2 * place]
            now, then = found.active
            below = f"{_percent(now)} active\n(before: {_percent(then)})"
            _draw(strong, mosaic(found.channels), STRENGTH, below)
            auroc = "" if found.auroc is None else f"pixel AUROC\n{found.auroc:.2f}"
            _draw(heat, found.heat, HEAT, auroc)
            _outline(heat, image.label)
    for place, variant in enumerate(variants):
        grid[0, 1 + 2 * place].set_title(f"{variant}\nchannels", fontsize=10.5)
        grid[0, 2 + 2 * place].set_title(f"{variant}\nclass activation", fontsize=10.5)
    grid[0, 0].set_title("image", fontsize=10.5)
    _explain(figure, labelled=any(image.label is not None for image in images))
    return figure


def mosaic(channels: Bytes) -> Bytes:
    """The first channels of [N, h, w] as tiles of one picture, four a row, dark lines between.

    Where a channel has more than 24 pixels a side, each one drawn is the largest of several. What
    is drawn is the square root: next to a few strong responses the others would all be black.

    >>> mosaic(np.full((9, 2, 3), 255, np.uint8)).shape
    (8, 15)
    >>> mosaic(np.full((20, 30, 32), 64, np.uint8)).shape
    (63, 67)
    >>> int(mosaic(np.full((1, 2, 2), 64, np.uint8)).max())
    128
    """
    channels = np.round(np.sqrt(channels[:TILES] / 255) * 255).astype(np.uint8)
    step = -(-max(channels.shape[1:]) // TILE)
    starts = [np.arange(0, side, step) for side in channels.shape[1:]]
    small = np.maximum.reduceat(np.maximum.reduceat(channels, starts[0], axis=1), starts[1], axis=2)
    count, height, width = small.shape
    rows = -(-count // TILES_A_ROW)
    tiles = np.zeros((rows * TILES_A_ROW, height + 1, width + 1), dtype=np.uint8)
    tiles[:count, :height, :width] = small
    lines = tiles.reshape(rows, TILES_A_ROW, height + 1, width + 1)
    found: Bytes = np.concatenate([np.concatenate(list(line), axis=1) for line in lines], axis=0)
    return found[:-1, :-1]


def _draw(axes: Axes, picture: Bytes, colours: str, below: str) -> None:
    step = 256 // LEVELS
    picture = picture // step * step + picture // step  # from black to white all the same
    axes.imshow(picture, cmap=colours, vmin=0, vmax=255, interpolation="nearest")
    axes.set_xlabel(below, fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])


def _outline(axes: Axes, label: Bytes | None) -> None:
    """The border of the weak label, wherever the picture's own pixels lie."""
    if label is None:
        return
    height, width = label.shape
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    across = left + (right - left) * (np.arange(width) + 0.5) / width
    down = top + (bottom - top) * (np.arange(height) + 0.5) / height
    for colour, thick in (("white", 2.0), (OUTLINE, 1.0)):
        axes.contour(across, down, label, levels=[0.5], colors=colour, linewidths=thick)


def _thinned(pixels: Bytes) -> Bytes:
    step = -(-max(pixels.shape) // ACROSS)
    return pixels[::step, ::step]


def _percent(share: float) -> str:
    return "not finite" if np.isnan(share) else f"{share:.0%}"


def _explain(figure: Figure, *, labelled: bool) -> None:
    """What the colours are."""
    outline = [Line2D([], [], color=OUTLINE, linewidth=2, label="weak label")]
    figure.legend(
        handles=[
            *(outline if labelled else []),
            Patch(color=colormaps[STRENGTH](0.75), label="channel: root of response (black: 0)"),
            Patch(color=colormaps[HEAT](1.0), label="speaks for a defect (blue: does not)"),
        ],
        loc="outside lower center", ncols=3, fontsize=10, frameon=False,
    )  # fmt: skip
