"""Silent channels of the last convolution: against accuracy, on the way, and over other inputs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator, PercentFormatter

from dagm_transfer.report.figures.base import (
    GREY,
    WIDTH,
    Curve,
    band,
    dress,
    logarithmic_from_0,
)
from dagm_transfer.report.figures.styles import KNOWN, Style

# How the networks are drawn that are no variants.
NETWORKS: Mapping[str, Style] = {
    "source": Style(GREY, "o"),
    "fresh": Style("#000000", "x"),
    "finetune, step 0.001": KNOWN["finetune"],
    "finetune, step 0.015, momentum 0.9": Style("#882255", "v"),
    "scratch_aug": KNOWN["scratch_aug"],
}
PUBLISHED = {"published: transfer": 0.9047, "published: scratch (aug)": 0.0844}
SHADES = "viridis"


@dataclass(frozen=True)
class Point:
    """A training at its end; `shade` is the place of its step among the steps."""

    accuracy: float
    inactive: float
    step: float
    momentum: bool
    warm_up: bool


def silence_figure(
    points: Sequence[Point],
    courses: Mapping[str, Mapping[str, Sequence[Curve]]],
    over_images: Mapping[str, Curve],
    over_inputs: Mapping[str, Mapping[str, float]],
) -> Figure:
    """Four panels, all of the last convolution.

    Args:
        points: the trainings.
        courses: what is drawn, to the network that it becomes, to a curve a seed.
        over_images: network to numbers of images and the share dead over so many.
        over_inputs: network to inputs and the share inactive on one.
    """
    figure = Figure(figsize=(WIDTH, 9.6), layout="constrained")
    (ends, way), (images, inputs) = figure.subplots(2, 2)
    _ends(ends, points)
    _way(way, courses)
    _over_images(images, over_images)
    _over_inputs(inputs, over_inputs)
    figure.legend(
        handles=images.lines, fontsize=9, frameon=False, ncols=3, handlelength=3,
        loc="outside lower center",
    )  # fmt: skip
    for axes in (ends, way, images, inputs):
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_ylim(-0.02, 1.02)
    return figure


def _ends(axes: Axes, points: Sequence[Point]) -> None:
    dress(axes, "validation accuracy at the end", "inactive on one input")
    axes.set_title("Each training at its end", fontsize=11, loc="left")
    steps = sorted({point.step for point in points})
    shade = {step: colormaps[SHADES](0.9 - 0.85 * n / max(1, len(steps) - 1))
             for n, step in enumerate(steps)}  # fmt: skip
    for point in points:
        axes.scatter(
            point.accuracy, point.inactive, s=46, marker="^" if point.momentum else "o",
            facecolor="none" if point.warm_up else shade[point.step],
            edgecolor=shade[point.step], linewidth=1.5, zorder=3,
        )  # fmt: skip
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    handles = [Line2D([], [], linestyle="", marker="s", color=shade[step], label=f"step {step:g}")
               for step in steps]  # fmt: skip
    for label, marker, face in (("momentum 0", "o", GREY), ("momentum 0.9", "^", GREY),
                                ("hollow: with a warm-up", "s", "none")):  # fmt: skip
        handles.append(Line2D([], [], linestyle="", marker=marker, markerfacecolor=face,
                              markeredgecolor=GREY, label=label))  # fmt: skip
    _below(axes, handles, columns=2)


def _way(axes: Axes, courses: Mapping[str, Mapping[str, Sequence[Curve]]]) -> None:
    dress(axes, "iterations (logarithmic)", "share of channels")
    axes.set_title("On the way", fontsize=11, loc="left")
    for network, of in courses.items():
        for what, curves in of.items():
            band(axes, f"{network}: {what}", NETWORKS[network], curves)
            line = axes.lines[-1]
            line.set_linestyle("--" if what == "dead" else "-")
            line.set_markersize(4)
    logarithmic_from_0(
        axes, [curve for of in courses.values() for curves in of.values() for curve in curves]
    )
    _below(axes, axes.lines, columns=1)


def _over_images(axes: Axes, over_images: Mapping[str, Curve]) -> None:
    dress(axes, "inputs that it is silent in (logarithmic)", "dead over so many")
    axes.set_title("What is called dead falls with the inputs", fontsize=11, loc="left")
    for network, curve in over_images.items():
        band(axes, network, NETWORKS[network], [curve])
    for (name, share), style in zip(PUBLISHED.items(), (":", "-."), strict=True):
        axes.axhline(share, color=GREY, linestyle=style, linewidth=1.2, label=name, zorder=1)
    axes.set_xscale("log")
    counts = {count for counts, _ in over_images.values() for count in counts}
    axes.set_xticks(sorted(counts), [f"{count:g}" for count in sorted(counts)])
    axes.xaxis.set_minor_locator(NullLocator())


def _over_inputs(axes: Axes, over_inputs: Mapping[str, Mapping[str, float]]) -> None:
    dress(axes, "", "inactive on one input")
    axes.set_title("On other inputs", fontsize=11, loc="left")
    names = list(dict.fromkeys(name for of in over_inputs.values() for name in of))
    for network, of in over_inputs.items():
        style = NETWORKS[network]
        places = [place for place, name in enumerate(names) if name in of]
        axes.plot(places, [of[names[place]] for place in places], color=style.colour,
                  marker=style.marker, linestyle="", markersize=8, label=network)  # fmt: skip
    lines = [re.sub(r" (?=at |of |images|photo)", "\n", name) for name in names]
    shown = [name.replace("photographs", "photo-\ngraphs") for name in lines]
    axes.set_xticks(range(len(names)), shown, fontsize=9)


def _below(axes: Axes, handles: Sequence[Line2D], columns: int) -> None:
    """The legend under a panel's axis: inside it, lines run through it."""
    axes.legend(
        handles=handles, fontsize=9, frameon=False, ncols=columns, handlelength=3,
        loc="upper center", bbox_to_anchor=(0.5, -0.14),
    )  # fmt: skip
