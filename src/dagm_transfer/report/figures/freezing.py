"""Accuracy and speed against the first depth that trains."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dagm_transfer.report.figures.base import WIDTH, Curve, band, dress, legend
from dagm_transfer.report.figures.styles import KNOWN, Style

# All are ways to fine-tune: the first looks like that variant, the others like none.
STYLES = (KNOWN["finetune"], Style("#882255", "s"), Style("#44AA99", "D"))


def freezing_figure(
    accuracy: Mapping[str, Sequence[Curve]], speed: Mapping[str, Sequence[Curve]], target: str
) -> Figure:
    """Two panels over the depth that training begins at; 14 is the head alone.

    Args:
        accuracy: what was tried to a curve a seed: depths and accuracies at the end.
        speed: the same with iterations to the target.
        target: in words.
    """
    figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    dress(left, "trainable from depth (14: head alone)", "validation accuracy at the end")
    dress(right, "trainable from depth (14: head alone)", f"iterations to {target}")
    for axes, tried in ((left, accuracy), (right, speed)):
        for (name, curves), style in zip(tried.items(), STYLES, strict=False):
            band(axes, name, style, curves)
        axes.set_xticks(range(1, 15))
    left.yaxis.set_major_formatter(PercentFormatter(1.0))
    right.set_ylim(bottom=0)
    legend(figure, left)
    return figure
