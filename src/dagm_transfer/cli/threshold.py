"""`dagm threshold`: what a threshold gives, and the rule that sets it, in params.yaml."""

import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagm_transfer.cli.champion import key_or_champion
from dagm_transfer.cli.console import say
from dagm_transfer.core.errors import UserError
from dagm_transfer.params import PARAMS, load

if TYPE_CHECKING:
    from dagm_transfer.inspection.operating_point import (
        Interval,
        OperatingPoint,
        Outcome,
        PartOutcome,
    )
    from dagm_transfer.judging.judgement import Judgement
    from dagm_transfer.judging.settings import Judge

HERE = Path()
DASH = "–"
NAME_ONE = "name a run, such as `dagm threshold finetune-s0`"
WIDE = 140  # columns, where the output is a file
THOUSAND = 1000
PER_THOUSAND = "--false-alarms-per-thousand"
COLUMNS = ("", "defects found", "95 %", "false alarms", "95 %", "cost")

app = typer.Typer()


@app.command()
def threshold(
    key: Annotated[
        str | None, typer.Argument(help="of a judged run, finetune-s0 say; else the champion's")
    ] = None,
    miss: Annotated[
        float | None, typer.Option(help="what a missed defect costs; least cost is sought")
    ] = None,
    false_alarm: Annotated[
        float | None, typer.Option(help="what a false alarm costs; least cost is sought")
    ] = None,
    per_thousand: Annotated[
        float | None,
        typer.Option(PER_THOUSAND, help="at most, of the normal images; instead of least cost"),
    ] = None,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="this rule into params.yaml; `dvc repro` judges by it")
    ] = False,
) -> None:
    """Show what a threshold gives on whole images, set as params.yaml or the options have it."""
    from dagm_transfer.inspection.operating_point import operating_point, read_judged_run
    from dagm_transfer.judging.threshold_rule import rule_of
    from dagm_transfer.metrics.detection import Costs

    settings = load(PARAMS).judge
    asked = settings.model_copy(update=_asked(settings, miss, false_alarm, per_thousand))
    run = read_judged_run(key_or_champion(key, HERE, NAME_ONE), HERE)
    costs = Costs(asked.miss_cost, asked.false_alarm_cost)
    _show(run, operating_point(run, rule_of(asked, "image"), costs), settings)
    if write:
        _write(settings, asked)
    elif asked != settings:
        say(f"`--write` sets it so in {PARAMS}")


def _asked(
    settings: "Judge", miss: float | None, false_alarm: float | None, per_thousand: float | None
) -> dict[str, float | None]:
    """The settings that the options ask for: costs, a limit, or what is there.

    Raises:
        UserError: they contradict each other, or one is no cost or no limit.
    """
    costs = {"--miss": miss, "--false-alarm": false_alarm}
    given = [name for name, cost in costs.items() if cost is not None]
    if given and per_thousand is not None:
        raise UserError(f"{given[0]}: seeks the least cost, {PER_THOUSAND} does not; give one")
    for name, cost in costs.items():
        if cost is not None and not (cost > 0 and math.isfinite(cost)):
            raise UserError(f"{name}: {cost:g} is no cost; give a number above 0")
    if per_thousand is not None:
        if not 0 <= per_thousand < THOUSAND:
            raise UserError(f"{PER_THOUSAND}: {per_thousand:g} is none of 0 to 1,000; give fewer")
        # Of the number as it was typed: 0.7 / 1000 is not 0.0007.
        return {"false_alarm_limit": float(Decimal(str(per_thousand)) / THOUSAND)}
    if not given:
        return {}
    return {
        "miss_cost": settings.miss_cost if miss is None else miss,
        "false_alarm_cost": settings.false_alarm_cost if false_alarm is None else false_alarm,
        "false_alarm_limit": None,
    }


def _show(run: "Judgement", point: "OperatingPoint", settings: "Judge") -> None:
    """What a threshold gives, on the standard output."""
    from dagm_transfer.inspection.promise import (
        promises,
        reckoned_with,
        warnings,
        without_inspector,
    )

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


def _headlines(run: "Judgement", point: "OperatingPoint") -> Iterator[str]:
    threshold = f"threshold {point.threshold:.4g} on the log-odds of defective"
    costs = f"a miss costs {point.costs.miss:g}, a false alarm {point.costs.false_alarm:g}"
    yield f"{run.key}: {threshold}, the one {point.rule.words}; {costs}"
    if run.threshold != point.threshold:
        yield f"so far it is judged with {run.threshold:.4g}"


def _table(part: "PartOutcome") -> Table:
    """A row over all groups, and one for each where there are several."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(COLUMNS):
        table.add_column(heading, justify="right" if place else "left")
    groups = part.groups.items() if len(part.groups) > 1 else ()
    for name, found in [("all", part.overall), *groups]:
        table.add_row(name, *_cells(found))
    return table


def _cells(found: "Outcome") -> list[str]:
    return [
        f"{found.found} of {found.defects}",
        _range(found.found_interval),
        f"{found.false_alarms} of {found.normals}",
        _range(found.false_alarm_interval),
        f"{found.cost:g}",
    ]


def _range(interval: "Interval | None") -> str:
    if interval is None:
        return DASH
    low, high = (100 * end for end in interval)
    return f"{low:.1f}–{high:.1f} %"


def _write(settings: "Judge", asked: "Judge") -> None:
    """The settings that are others now into params.yaml."""
    from dagm_transfer.params_writing import Content, change_params

    before, after = settings.model_dump(), asked.model_dump()
    changed = {name: value for name, value in after.items() if value != before[name]}
    if not changed:
        say(f"{PARAMS}: says so already; nothing changed")
        return

    def change(content: Content) -> None:
        content["judge"].update(changed)

    change_params(PARAMS, change)
    said = ", ".join(f"judge.{name} {_shown(value)}" for name, value in changed.items())
    say(f"{PARAMS}: {said}; `dvc repro` judges all runs by it, and trains none again")


def _shown(value: float | None) -> str:
    return "null" if value is None else f"{value:g}"
