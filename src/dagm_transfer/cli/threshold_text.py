"""What a person sees of a threshold: what it gives on validation and test, and what that shows."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from dagm_transfer.inspection.thresholds.operating_point import (
    Interval,
    OperatingPoint,
    Outcome,
    PartOutcome,
)
from dagm_transfer.inspection.thresholds.promise import (
    promises,
    reckoned_with,
    warnings,
    without_inspector,
)
from dagm_transfer.judging.judgement import Judgement
from dagm_transfer.judging.settings import Judge

DASH = "–"
WIDE = 140  # columns, where the output is a file
COLUMNS = ("", "defects found", "95 %", "false alarms", "95 %", "cost")


def print_point(run: Judgement, point: OperatingPoint, settings: Judge) -> None:
    """What a threshold gives, on the standard output."""
    out = Console(markup=False, highlight=False, emoji=False)
    if not out.is_terminal:
        out.width = WIDE
    for line in _headlines(run, point):
        out.print(line, soft_wrap=True)
    out.print("\nvalidation, which the threshold was set on:")
    out.print(_table(point.val))
    out.print(without_inspector(point.val.overall, point.costs), soft_wrap=True)
    out.print(reckoned_with(point.val.overall), soft_wrap=True)
    out.print("\ntest, which had no say in it:")
    out.print(_table(point.test))
    out.print(without_inspector(point.test.overall, point.costs), soft_wrap=True)
    out.print("\nat 95 % confidence (hopeful on validation, which set the threshold):")
    for line in promises(point):
        out.print(f"  {line}", soft_wrap=True)
    for line in warnings(run, point):
        out.print(f"warning: {line}", soft_wrap=True)
    if run.settings.whole != settings.whole:
        out.print("warning: judged by other settings than judge.whole has now; run `dvc repro`")


def _headlines(run: Judgement, point: OperatingPoint) -> Iterator[str]:
    threshold = f"threshold {point.threshold:.4g} on the log-odds of defective"
    costs = f"a miss costs {point.costs.miss:g}, a false alarm {point.costs.false_alarm:g}"
    yield f"{run.key}: {threshold}, the one {point.rule.words}; {costs}"
    if run.threshold != point.threshold:
        yield f"so far it is judged with {run.threshold:.4g}"


def _table(part: PartOutcome) -> Table:
    """A row over all groups, and one for each where there are several."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(COLUMNS):
        table.add_column(heading, justify="right" if place else "left")
    groups = part.groups.items() if len(part.groups) > 1 else ()
    for name, found in [("all", part.overall), *groups]:
        table.add_row(name, *_cells(found))
    return table


def _cells(found: Outcome) -> list[str]:
    return [
        f"{found.found} of {found.defects}",
        _range(found.found_interval),
        f"{found.false_alarms} of {found.normals}",
        _range(found.false_alarm_interval),
        f"{found.cost:g}",
    ]


def _range(interval: Interval | None) -> str:
    if interval is None:
        return DASH
    low, high = (100 * end for end in interval)
    return f"{low:.1f}–{high:.1f} %"
