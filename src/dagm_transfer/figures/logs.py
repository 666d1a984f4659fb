"""The figure of one run's log, for the tracking store."""

import numpy as np
from matplotlib.figure import Figure

from dagm_transfer.figures.base import WIDTH, Curve, band, dress
from dagm_transfer.figures.curves import loss_figure
from dagm_transfer.models.vgg16 import DEPTHS, NAMES
from dagm_transfer.training.recorder import Begin, Evaluation, Event


def training_figures(events: list[Event]) -> dict[str, Figure]:
    """The curves of a training."""
    begin, told = _parts(events)
    curves = {
        f"{part} {what}": {begin.variant: [_curve(told, f"{key}/{what}")]}
        for what in ("loss", "accuracy")
        for part, key in (("training", "train"), ("validation", "val"))
    }
    return {"curves": loss_figure(curves, begin.key)}


def layers_figures(events: list[Event]) -> dict[str, Figure]:
    """The metrics of an analysis over depth."""
    begin, told = _parts(events)
    figure = Figure(figsize=(WIDTH, 7), layout="constrained")
    figure.suptitle(begin.key, fontsize=13, x=0.01, ha="left")
    for place, name in enumerate(("weight_change", "sparsity"), start=1):
        axes = figure.add_subplot(2, 1, place)
        dress(axes, "", name.replace("_", " "))
        values = [event.metrics.get(f"layers/{name}", np.nan) for event in told]
        band(axes, begin.variant, [(list(DEPTHS), values)], skip_zero=False)
        axes.set_xticks(list(DEPTHS), NAMES, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_ylim(bottom=0)
    return {"layers": figure}


def _parts(events: list[Event]) -> tuple[Begin, list[Evaluation]]:
    begin = events[0]
    assert isinstance(begin, Begin), "a log begins with the run"
    return begin, [event for event in events if isinstance(event, Evaluation)]


def _curve(told: list[Evaluation], name: str) -> Curve:
    points = [(event.step, event.metrics[name]) for event in told if name in event.metrics]
    return [step for step, _ in points], [value for _, value in points]
