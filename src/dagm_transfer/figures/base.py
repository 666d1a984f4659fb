"""What all figures share: colours, axes, bands over seeds, pictures.

A variant has the same colour and marker everywhere, from the palette of Okabe and Ito, which
colour-blind readers can tell apart.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Figure
from numpy.typing import NDArray

STYLES = {
    "scratch": ("#D55E00", "o"),
    "scratch_aug": ("#E69F00", "s"),
    "finetune": ("#0072B2", "^"),
    "frozen": ("#56B4E9", "D"),
    "lp_ft": ("#009E73", "v"),
    "mean_var": ("#CC79A7", "P"),
    "shuffled": ("#999999", "X"),
}
OTHER = ("#000000", "*")
GREY = "#666666"
WIDTH = 9.0  # inches; the report shows figures at 96 dots an inch or less
DOTS = 160

Curve = tuple[Sequence[int], Sequence[float]]
Bytes = NDArray[np.uint8]


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG, the same bytes for the same figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS, metadata={"Software": None})
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


def band(axes: Axes, variant: str, runs: Sequence[Curve], *, skip_zero: bool) -> None:
    """The median over seeds, and a band from the least to the largest."""
    colour, marker = STYLES.get(variant, OTHER)
    steps = sorted(set.intersection(*(set(its) for its, _ in runs)))
    steps = [step for step in steps if step > 0 or not skip_zero]
    values = np.array([[dict(zip(*run, strict=True))[step] for step in steps] for run in runs])
    axes.plot(
        steps, np.median(values, axis=0), color=colour, marker=marker, markersize=5.5,
        linewidth=2, label=variant, zorder=3,
    )  # fmt: skip
    if len(runs) > 1:
        axes.fill_between(
            steps, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.18, linewidth=0
        )


def legend(axes: Axes) -> None:
    """A legend that hides no line entirely."""
    axes.legend(fontsize=10, frameon=True, framealpha=0.9, edgecolor="none")


def picture(axes: Axes, caption: str, image: Bytes) -> None:
    """An image, grey [H, W] or colour [H, W, 3], under its caption."""
    options: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    axes.imshow(image, interpolation="antialiased", **options)
    axes.set_title(caption, fontsize=9)
    axes.set_axis_off()
