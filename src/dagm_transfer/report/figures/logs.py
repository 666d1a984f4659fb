"""The figures of one run's log, for the tracking store."""

import math

from matplotlib.figure import Figure

from dagm_transfer.events.event import Evaluation, Event
from dagm_transfer.events.log import begin_of
from dagm_transfer.models.vgg16 import NAMES
from dagm_transfer.report.figures.base import WIDTH, Curve, band, dress
from dagm_transfer.report.figures.curves import loss_figure
from dagm_transfer.report.figures.depths import name_depths
from dagm_transfer.report.figures.styles import styles_of


def training_figures(events: list[Event]) -> dict[str, Figure]:
    """The curves of a training."""
    begin = begin_of(events)
    curves = {
        f"{part} {what}": {begin.variant: [_curve(events, f"{key}/{what}")]}
        for what in ("loss", "accuracy")
        for part, key in (("training", "train"), ("validation", "val"))
    }
    return {"curves": loss_figure(curves, begin.key)}


def layers_figures(events: list[Event]) -> dict[str, Figure]:
    """The metrics of an analysis over depth."""
    begin = begin_of(events)
    style = styles_of([begin.variant])[begin.variant]
    figure = Figure(figsize=(WIDTH, 7), layout="constrained")
    figure.suptitle(begin.key, fontsize=13, x=0.01, ha="left")
    for place, name in enumerate(("weight_change", "sparsity"), start=1):
        axes = figure.add_subplot(2, 1, place)
        dress(axes, "", name.replace("_", " "))
        band(axes, begin.variant, style, [_curve(events, f"layers/{name}")])
        name_depths(axes, NAMES)
        axes.set_ylim(bottom=0)
    return {"layers": figure}


def _curve(events: list[Event], name: str) -> Curve:
    told = [event for event in events if isinstance(event, Evaluation)]
    points = [(event.step, event.metrics.get(name, math.nan)) for event in told]
    return [step for step, _ in points], [value for _, value in points]
