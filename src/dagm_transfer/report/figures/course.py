"""Layer metrics over the course of training."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dagm_transfer.report.figures.base import (
    BELOW,
    WIDTH,
    Curve,
    band,
    dress,
    legend,
    logarithmic_from_0,
)
from dagm_transfer.report.figures.styles import styles_of

Panel = Mapping[str, Sequence[Curve]]  # for each variant its runs: iterations and values


def course_figure(rows: Mapping[str, Mapping[str, Panel]], title: str) -> Figure:
    """A row of panels a metric, all of them shares, a panel a group of depths, a line a variant.

    Args:
        rows: metric to group of depths to the runs of each variant; the groups are the same.
        title: of the figure.
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
        # Once all are drawn, for panels of a row share it; a mark at 0 is not cut.
        row[0].set_ylim(bottom=-BELOW * row[0].get_ylim()[1])
        row[0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    for group, top, bottom in zip(next(iter(rows.values())), all_axes[0], all_axes[-1],
                                  strict=True):  # fmt: skip
        top.set_title(group, fontsize=11)
        bottom.set_xlabel("iterations (logarithmic)", fontsize=11)
    curves = [curve for panel in panels for runs in panel.values() for curve in runs]
    logarithmic_from_0(all_axes[0][0], curves)
    legend(figure, all_axes[0][0])
    return figure
