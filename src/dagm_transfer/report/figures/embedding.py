"""Images of several domains as the source trunk sees them, laid out in the plane."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dagm_transfer.report.figures.base import GREY, WIDTH, legend

Floats = NDArray[np.float64]

# Photographs are cold, filled and round or angular; groups warm, dark and light in turn, so that
# both are told apart at a glance, and by lightness and marker without colour.
COLD = ("#0072B2", "#009E73", "#332288", "#000000")
COLD_MARKERS = ("o", "*", "H", "8")
WARM = ("#7F2704", "#F0A04B", "#D94801", "#CC79A7", "#A63603", "#E6781E")
WARM_MARKERS = ("s", "^", "D", "v", "P", "X", "<", ">", "p", "d")
TITLES = {"pca": "principal components", "tsne": "t-SNE"}
PANEL = 3.9  # inches
LARGE, SMALL = 34.0, 9.0  # a marker's area, in square points
FEW = 200  # points that are drawn large, with an edge


class DomainStyle(NamedTuple):
    """How a domain is drawn."""

    colour: str
    marker: str


def embedding_figure(
    points: Mapping[tuple[str, str], Mapping[str, Floats]], photographs: Sequence[str]
) -> Figure:
    """A map a method and layer: a column a method, a row a layer.

    Args:
        points: by method (`pca`, `tsne`) and layer: the points [N, 2] of each domain, in the order
            of the legend.
        photographs: which of the domains are photographs; the others are groups of the target.
    """
    methods = list(dict.fromkeys(method for method, _ in points))
    layers = list(dict.fromkeys(layer for _, layer in points))
    figure = Figure(figsize=(WIDTH, PANEL * len(layers) + 0.7), layout="constrained")
    grid = figure.subplots(len(layers), len(methods), squeeze=False)
    styles = domain_styles(list(next(iter(points.values()))), photographs)
    named = {name: f"photographs: {name}" for name in photographs if name != "photographs"}
    for axes_of_layer, layer in zip(grid, layers, strict=True):
        for axes, method in zip(axes_of_layer, methods, strict=True):
            _draw(axes, points[method, layer], styles, named)
            axes.set_title(f"{layer}: {TITLES.get(method, method)}", fontsize=12, loc="left")
    legend(figure, grid[0, 0])
    return figure


def domain_styles(domains: Collection[str], photographs: Collection[str]) -> dict[str, DomainStyle]:
    """A colour and a marker of each domain, its own up to 16 folders and 30 groups.

    >>> domain_styles(["photographs", "cloth"], ["photographs"])["cloth"]
    DomainStyle(colour='#7F2704', marker='s')
    """
    cold = [name for name in domains if name in photographs]
    warm = [name for name in domains if name not in photographs]
    return {
        **{name: _style(n, COLD, COLD_MARKERS) for n, name in enumerate(cold)},
        **{name: _style(n, WARM, WARM_MARKERS) for n, name in enumerate(warm)},
    }


def _style(place: int, colours: Sequence[str], markers: Sequence[str]) -> DomainStyle:
    turns = place // len(colours)
    return DomainStyle(colours[place % len(colours)], markers[(place + turns) % len(markers)])


def _draw(
    axes: Axes,
    domains: Mapping[str, Floats],
    styles: Mapping[str, DomainStyle],
    named: Mapping[str, str],
) -> None:
    count = sum(map(len, domains.values()))
    area = min(LARGE, max(SMALL, LARGE * FEW / max(count, 1)))
    for name, found in domains.items():
        axes.scatter(
            found[:, 0], found[:, 1], s=area, color=styles[name].colour, marker=styles[name].marker,
            label=named.get(name, name), linewidths=0.4 if count <= FEW else 0, edgecolors="white",
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(GREY)
    axes.set_aspect("equal", adjustable="datalim")
