"""`dagm threshold`: what a threshold gives, and the rule that sets it, in params.yaml."""

import math
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagm_transfer.cli.champion import key_or_champion
from dagm_transfer.cli.console import say
from dagm_transfer.core.errors import UserError
from dagm_transfer.params import PARAMS, load

if TYPE_CHECKING:
    from dagm_transfer.judging.settings import Judge

HERE = Path()
NAME_ONE = "name a run, such as `dagm threshold finetune-s0`"
THOUSAND = 1000
PER_THOUSAND = "--false-alarms-per-thousand"

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
        bool,
        typer.Option("--write", help="put the rule into params.yaml; `dvc repro` judges by it"),
    ] = False,
) -> None:
    """Show what a threshold gives on whole images, set as params.yaml or the options have it."""
    from dagm_transfer.cli.threshold_text import print_point
    from dagm_transfer.inspection.thresholds.operating_point import operating_point, read_judged_run
    from dagm_transfer.judging.threshold_rule import rule_of
    from dagm_transfer.metrics.detection import Costs

    settings = load(PARAMS).judge
    asked = settings.model_copy(update=_asked(settings, miss, false_alarm, per_thousand))
    run = read_judged_run(key_or_champion(key, HERE, NAME_ONE), HERE)
    costs = Costs(asked.miss_cost, asked.false_alarm_cost)
    print_point(run, operating_point(run, rule_of(asked, "image"), costs), settings)
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
