"""Layer metrics over the course of training."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from dagm_transfer.report.figures.base import WIDTH, Curve, band, dress, legend
from dagm_transfer.report.figures.styles import styles_of

Panel = Mapping[str, Sequence[Curve]]  # for each variant its runs: iterations and values


def course_figure(rows: Mapping[str, Mapping[str, Panel]], title: str, shares: set[str]) -> Figure:
    """A row of panels a metric, a panel a group of depths, a line a variant.

    Args:
        rows: metric to group of depths to the runs of each variant.
        title: of the figure.
        shares: the metrics whose values are shares between 0 and 1.
    """
    figure = Figure(figsize=(WIDTH, 1.3 + 2.7 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=13, x=0.01, ha="left")
    across = max(len(groups) for groups in rows.values())
    all_axes = figure.subplots(len(rows), across, sharex=True, sharey="row", squeeze=False)
    styles = styles_of(name for groups in rows.values() for panel in groups.values()
                       for name in panel)  # fmt: skip
    for row, ((metric, groups), axes_of_row) in enumerate(zip(rows.items(), all_axes, strict=True)):
        for column, ((group, panel), axes) in enumerate(
            zip(groups.items(), axes_of_row, strict=True)
        ):
            last = row == len(rows) - 1
            dress(axes, "iterations" if last else "", metric if column == 0 else "")
            if row == 0:
                axes.set_title(group, fontsize=11)
            for variant, runs in panel.items():
                band(axes, variant, styles[variant], runs)
            axes.set_ylim(bottom=0)
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            if metric in shares:
                axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    legend(figure, all_axes[0][0])
    return figure
