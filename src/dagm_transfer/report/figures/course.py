"""Layer metrics over the course of training."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter, ScalarFormatter

from dagm_transfer.report.figures.base import WIDTH, Curve, band, dress, legend
from dagm_transfer.report.figures.styles import styles_of

Panel = Mapping[str, Sequence[Curve]]  # for each variant its runs: iterations and values


def course_figure(rows: Mapping[str, Mapping[str, Panel]], title: str, shares: set[str]) -> Figure:
    """A row of panels a metric, a panel a group of depths, a line a variant.

    Args:
        rows: metric to group of depths to the runs of each variant; the groups are the same.
        title: of the figure.
        shares: the metrics whose values are shares between 0 and 1.
    """
    figure = Figure(figsize=(WIDTH, 1.3 + 2.3 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    columns = len(next(iter(rows.values())))
    all_axes = figure.subplots(len(rows), columns, sharex=True, sharey="row", squeeze=False)
    panels = [panel for groups in rows.values() for panel in groups.values()]
    styles = styles_of(variant for panel in panels for variant in panel)
    for (metric, groups), row in zip(rows.items(), all_axes, strict=True):
        for panel, axes in zip(groups.values(), row, strict=True):
            dress(axes, "", "")
            for variant, runs in panel.items():
                band(axes, variant, styles[variant], runs)
        row[0].set_ylabel(metric, fontsize=11)
        row[0].set_ylim(bottom=0)  # once all are drawn: panels of a row share it
        if metric in shares:
            row[0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for group, top, bottom in zip(next(iter(rows.values())), all_axes[0], all_axes[-1],
                                  strict=True):  # fmt: skip
        top.set_title(group, fontsize=11)
        bottom.set_xlabel("iterations (logarithmic)", fontsize=11)
    curves = [curve for panel in panels for runs in panel.values() for curve in runs]
    _stretch(all_axes[0][0], [step for steps, _ in curves for step in steps if step > 0])
    legend(figure, all_axes[0][0])
    return figure


def _stretch(axes: Axes, steps: Sequence[float]) -> None:
    """Logarithmic from the first kept iteration on, with a place for 0; for all panels, that share.

    A variant may train a hundred times as long as another.
    """
    first, last = min(steps), max(steps)
    axes.set_xscale("symlog", linthresh=first, linscale=0.5)
    axes.set_xlim(-0.2 * first, 1.2 * last)
    decades = range(math.floor(math.log10(first)), math.floor(math.log10(last)) + 1)
    subs = (1,) if last >= 100 * first else (1, 2, 5)
    ticks = [sub * 10**decade for decade in decades for sub in subs]
    axes.xaxis.set_major_locator(FixedLocator([0, *(t for t in ticks if first <= t <= last)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
