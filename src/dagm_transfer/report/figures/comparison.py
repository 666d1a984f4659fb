"""Pairs of runs: how alike they respond, and what lies between their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dagm_transfer.report.figures.base import BELOW, GREY, band, dress, legend
from dagm_transfer.report.figures.depths import name_depths
from dagm_transfer.report.figures.styles import Style, styles_of

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 11.0, 5.2  # inches
CONTRASTS = (Style("#000000", "x"), Style("#44AA99", "P"), Style("#661100", "d"))
SAME = 0.9999  # floors above it are of one and the same network
FLOOR = "dotted: the same pairs before training"
GUESSING = "guessing"


@dataclass(frozen=True)
class Compared:
    """Pairs of one kind, NaN where something is not known.

    Attributes:
        cka: [pairs, depths], after training.
        floor: [pairs, depths], before it.
        losses: [pairs, places], along the line, its ends among them.
        variant: of both runs; empty where they are of two variants.
    """

    cka: Floats
    floor: Floats
    losses: Floats
    variant: str


def comparison_figure(
    kinds: Mapping[str, Compared], names: Sequence[str], guessing: float, unit: str
) -> Figure:
    """CKA by depth, and the loss along the line, of each kind of pairs: median and range.

    Args:
        kinds: pairs by what is said of them in the legend; at least one kind.
        names: of the convolutions.
        guessing: the loss of one who gives each label the same probability.
        unit: what the loss is of.
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    depths, line = figure.subplots(1, 2)
    styles = _styles(kinds)
    dress(depths, "convolution, from the first to the last", "CKA of the two runs, inside labels")
    depths.set_title("How alike the two respond", fontsize=13, loc="left")
    dress(line, "place on the line: 0 the first run, 1 the second", f"loss on {unit}")
    line.set_title("Loss between their weights", fontsize=13, loc="left")
    at = range(1, len(names) + 1)
    has_floor = False  # dotted
    for kind, pairs in kinds.items():
        band(depths, kind, styles[kind], [(at, values) for values in pairs.cka.tolist()])
        if np.nanmin(pairs.floor, initial=1.0) < SAME:
            has_floor = True
            floor = np.median(pairs.floor, axis=0)
            depths.plot(at, floor, color=styles[kind].colour, linestyle=":", linewidth=1.6)
        places = np.linspace(0, 1, pairs.losses.shape[1]).tolist()
        band(line, kind, styles[kind], [(places, values) for values in pairs.losses.tolist()])
    line.axhline(guessing, color=GREY, linestyle="--", linewidth=1.5, zorder=2)
    line.set_ylim(bottom=-BELOW * line.get_ylim()[1])
    depths.set_ylim(min(0.0, depths.get_ylim()[0]), 1.03)
    name_depths(depths, names)
    if has_floor:
        depths.plot([], [], color=GREY, linestyle=":", linewidth=1.6, label=FLOOR)
    depths.plot([], [], color=GREY, linestyle="--", linewidth=1.5, label=GUESSING)
    legend(figure, depths)
    return figure


def _styles(kinds: Mapping[str, Compared]) -> dict[str, Style]:
    known = styles_of(pairs.variant for pairs in kinds.values() if pairs.variant)
    contrasts = [kind for kind, pairs in kinds.items() if not pairs.variant]
    own = {kind: CONTRASTS[n % len(CONTRASTS)] for n, kind in enumerate(contrasts)}
    return {k: known[pairs.variant] if pairs.variant else own[k] for k, pairs in kinds.items()}
