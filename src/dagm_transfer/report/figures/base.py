"""What all figures share: axes, bands over seeds, legends, pictures, PNGs."""

import io
import math
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter
from numpy.typing import NDArray
from PIL import Image

from dagm_transfer.report.figures.styles import Style

GREY = "#666666"
OUTLINE = "#D55E00"  # of weak labels
WIDTH = 9.0  # inches; the report shows figures at 96 dots an inch or more
DOTS = (160, 130, 105, 85)  # an inch: the first that gives a small enough picture
MOST_BYTES = 300_000  # of a picture: they stand in the page itself
POINTS = 72  # an inch
BELOW = 0.03  # 0, of the height of an axis: a mark at 0 is not cut
LEGEND_COLUMNS, LEGEND_SIZE = 4, 10
ROOM_BESIDE = 4.8 * LEGEND_SIZE  # of a label in a legend: its handle, and the way to the next

Curve = tuple[Sequence[float], Sequence[float]]
Middle = Callable[[Sequence[float]], float]
Bytes = NDArray[np.uint8]


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG, the same bytes for the same figure; of at most MOST_BYTES.

    Photographs, of surfaces too, hardly compress: such figures get a palette, then fewer dots.
    """
    for dots in DOTS:
        png = _rendered(figure, dots)
        if len(png) > MOST_BYTES:
            png = _with_palette(png)
        if len(png) <= MOST_BYTES:
            break
    return png


def _rendered(figure: Figure, dots: int) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dots, metadata={"Software": None})
    return buffer.getvalue()


def _with_palette(png: bytes) -> bytes:
    buffer = io.BytesIO()
    colours = Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    colours.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def titled_axes(figure: Figure, title: str, xlabel: str, ylabel: str) -> Axes:
    """The only axes of a figure, with its title."""
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=13, loc="left")
    dress(axes, xlabel, ylabel)
    return axes


def dress(axes: Axes, xlabel: str, ylabel: str) -> None:
    """Labels, grid and spines as everywhere."""
    axes.set_xlabel(xlabel, fontsize=11)
    axes.set_ylabel(ylabel, fontsize=11)
    axes.tick_params(labelsize=10)
    axes.grid(visible=True, color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def band(
    axes: Axes, label: str, style: Style, runs: Sequence[Curve], middle: Middle = median
) -> None:
    """The middle over seeds, and a band from the least to the largest.

    At each step over the runs that have a finite value there: one that diverged ends early, and
    the others go on.
    """
    at: dict[float, list[float]] = {}
    for steps, values in runs:
        for step, value in zip(steps, values, strict=True):
            if math.isfinite(value):
                at.setdefault(step, []).append(value)
    found = [at[step] for step in sorted(at)]
    axes.plot(
        sorted(at), [middle(values) for values in found], color=style.colour,
        marker=style.marker, markersize=6, linewidth=2, label=label, zorder=3,
    )  # fmt: skip
    if len(runs) > 1:
        axes.fill_between(
            sorted(at), [min(values) for values in found], [max(values) for values in found],
            color=style.colour, alpha=0.18, linewidth=0,
        )  # fmt: skip


def logarithmic_from_0(axes: Axes, curves: Iterable[Curve]) -> None:
    """An axis of iterations: logarithmic from the first one after 0 on, with a place for 0.

    A variant may train a hundred times as long as another.
    """
    steps = [step for of, _ in curves for step in of if step > 0]
    if not steps:
        return
    first, last = min(steps), max(steps)
    axes.set_xscale("symlog", linthresh=first, linscale=0.5)
    axes.set_xlim(-0.2 * first, 1.2 * last)
    decades = range(math.floor(math.log10(first)), math.floor(math.log10(last)) + 1)
    subs = (1,) if last >= 100 * first else (1, 2, 5)
    ticks = [sub * 10**decade for decade in decades for sub in subs]
    axes.xaxis.set_major_locator(FixedLocator([0, *(t for t in ticks if first <= t <= last)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())


def legend(figure: Figure, axes: Axes) -> None:
    """What the lines of some axes are, below the figure, where it hides none of them."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", fontsize=LEGEND_SIZE, frameon=False,
        ncols=_columns(labels, figure.get_figwidth() * POINTS),
    )  # fmt: skip


def _columns(labels: Sequence[str], width: float) -> int:
    """The most columns, filled evenly, that a legend of these labels has room for.

    >>> _columns(["scratch", "finetune", "frozen", "lp_ft", "shuffled"], 648)
    3
    >>> _columns(["a network whose name is no shorter than this one"] * 4, 648)
    2
    """
    for most in range(LEGEND_COLUMNS, 1, -1):
        count = math.ceil(len(labels) / math.ceil(len(labels) / most))
        parts = np.array_split(np.array([_text_width(label) for label in labels]), count)
        if sum(float(part.max()) + ROOM_BESIDE for part in parts) <= width:
            return count
    return 1


def _text_width(text: str) -> float:
    """In points."""
    font = FontProperties(size=LEGEND_SIZE)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def picture(axes: Axes, caption: str, image: Bytes) -> None:
    """An image, grey [H, W] or colour [H, W, 3], under its caption."""
    options: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    axes.imshow(image, interpolation="antialiased", **options)
    axes.set_title(caption, fontsize=10)
    axes.set_axis_off()
