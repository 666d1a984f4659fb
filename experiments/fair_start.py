"""A fair start for every variant: a search on validation images, by the project's own sweeps.

    python experiments/fair_start.py

Needs what `dvc repro prepare source` makes; run it in the project's folder. For each variant a
grid of learning rates and what else it depends on (GRIDS) is swept in a study of its own, with the
shared settings of params.yaml. What counts is the validation accuracy at the end, then how soon
the sweep's target was reached, then how near the learning rate is to the published one; for
`finetune_edge` the largest learning rate that still ends at 99 %. Where what is chosen is the
first or the last learning rate of its grid, the grid grows on that side and the sweep goes on.
Test images have no say; where each seed tests another fold, the searches are made on the first
one, whose training and validation images the others test. All stands in
experiments/results/fair_start.json, by the digest of the inputs: what has a search there, or trials
that are done, is not run again. The presets have what was chosen, or say why not. `lp_ft` has no
grid: its second phase is as `finetune`, its first as `frozen`.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from dagm_transfer.cli.console import say
from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json, write_json
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.claims.verdict import RIGHT
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.sweep.study import OBJECTIVES
from linked_sweep import COMPLETE, linked_sweep

RESULTS = Path(__file__).parent / "results" / "fair_start.json"
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
MOST = 4  # how often a grid grows
LOOKS = 3  # evaluations of a trial
WORK = Path(".work/fair_start")
PUBLISHED = 1e-3  # the study's learning rate
Row = dict[str, Any]


@dataclass(frozen=True)
class Grid:
    """What is tried of one variant.

    Attributes:
        iterations: of a trial.
        also: values tried besides learning rates, by setting.
        rates: learning rates, in their order.
    """

    iterations: int
    also: dict[str, list[Any]] = field(default_factory=dict)
    rates: tuple[float, ...] = RATES


MOMENTA = {"momentum": [0.0, 0.9]}
SCALES = {"input_scale": ["bytes", "unit"]}  # transferred weights know but one
GRIDS = {
    "finetune": Grid(45, MOMENTA),
    "frozen": Grid(201, MOMENTA),
    "scratch_aug": Grid(99, SCALES),
    "scratch": Grid(99, SCALES),
    # As finetune but for the start: momentum 0.
    "mean_var": Grid(45, rates=RATES[1:5]),
    "shuffled": Grid(45, rates=RATES[1:5]),
    "he_matched": Grid(45, rates=RATES[1:5]),
}


@dataclass(frozen=True)
class Choice:
    """How a variant's settings come of a grid.

    Attributes:
        grid: of which variant.
        where: what a trial has to have.
        edge: the largest learning rate that ends at RIGHT counts, not the best trial.
    """

    grid: str
    where: dict[str, Any] = field(default_factory=dict)
    edge: bool = False

    def among(self, rows: Sequence[Row]) -> list[Row]:
        """The trials that count."""
        return [row for row in rows if self.where.items() <= row.items()]

    def of(self, rows: Sequence[Row]) -> Row:
        """The chosen trial; where none is right, the edge is that of the best one."""
        known = self.among(rows)
        right = [row for row in known if row["accuracy"] >= RIGHT]
        if self.edge and right:
            return max(right, key=lambda row: row["learning_rate"])
        return min(known, key=_worth)


CHOICES = {
    "finetune": Choice("finetune", {"momentum": 0.0}),  # the gentle recipe of the claims
    "finetune_edge": Choice("finetune", {"momentum": 0.9}, edge=True),  # and the other one
    **{name: Choice(name) for name in GRIDS if name != "finetune"},
}


def main(
    variants: Annotated[
        list[str] | None, typer.Argument(help="if none is named, those not searched for yet")
    ] = None,
    results: Annotated[Path, typer.Option(help="where the table goes")] = RESULTS,
) -> None:
    """Sweep the grid of each variant, and choose."""
    if unknown := set(variants or ()) - CHOICES.keys():
        raise UserError(f"{', '.join(unknown)}: no search; there are {', '.join(CHOICES)}")
    facts = Prepared(PREPARED).facts
    known = read_json(results) if results.exists() else {}
    done = known.get(facts["inputs_digest"], {"variants": {}})["variants"]
    for variant in variants or [name for name in CHOICES if name not in done]:
        found = _searched(CHOICES[variant])
        known = read_json(results) if results.exists() else {}
        of_data = known.get(facts["inputs_digest"], {"data": facts["name"], "variants": {}})
        of_data["variants"] = dict(sorted({**of_data["variants"], variant: found}.items()))
        write_json(results, dict(sorted({**known, facts["inputs_digest"]: of_data}.items())))
        say(f"{variant}: {found['summary']}")


def _searched(choice: Choice) -> dict[str, Any]:
    """The trials of a grid, grown until what is chosen lies inside."""
    grid = GRIDS[choice.grid]
    rows = _swept(choice.grid, grid)
    for _ in range(MOST):
        rate, rates = choice.of(rows)["learning_rate"], grid.rates
        if rate not in (rates[0], rates[-1]):
            break
        more = _beyond(rates, low=rate == rates[0])
        rows += _swept(choice.grid, replace(grid, rates=more))
        grid = replace(grid, rates=tuple(sorted((*rates, *more))))
    chosen, known = choice.of(rows), choice.among(rows)
    at_edge = chosen["learning_rate"] in (grid.rates[0], grid.rates[-1])
    settings = {name: chosen[name] for name in ("learning_rate", *grid.also)}
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
    largest = choice.edge and chosen["accuracy"] >= RIGHT
    return {
        **asdict(grid),
        "chosen": settings,
        "summary": f"{said}; {chosen['accuracy']:.1%} on validation after {grid.iterations} "
        f"iterations, the {'largest' if largest else 'best'} of {len(known)} trials"
        f"{f' that ends at {RIGHT:.0%}' * largest}{', on the edge of its grid' * at_edge}",
        "trials": rows,
    }


def _beyond(rates: Sequence[float], *, low: bool) -> tuple[float, ...]:
    """Two more learning rates on one side, in the grid's own steps.

    >>> _beyond((1e-3, 3e-3, 1e-2), low=False)
    (0.03, 0.1)
    """
    return tuple(
        float(f"{rate * (0.1 if low else 10):.0e}") for rate in (rates[:2] if low else rates[-2:])
    )


def _worth(row: Row) -> tuple[float, int, float]:
    """What a trial is chosen by: the least is the best."""
    far = abs(math.log(row["learning_rate"] / PUBLISHED))
    return -row["accuracy"], row["to_target"], far


def _swept(variant: str, grid: Grid) -> list[Row]:
    """Sweep a grid; its trials."""
    study = f"fair-{variant}-from-{grid.rates[0]:g}"
    settings = {
        "base": variant, "sampler": "grid", "first": [], "seed": 0, "iterations": grid.iterations,
        "evaluate_every": grid.iterations // LOOKS,
        "space": {"learning_rate": list(grid.rates), **grid.also},
    }  # fmt: skip
    count = math.prod(map(len, (grid.rates, *grid.also.values())))
    folder = linked_sweep(study, settings, count, WORK)
    return [
        {
            **{name: _value(row[f"params_{name}"]) for name in ("learning_rate", *grid.also)},
            "accuracy": float(row[f"values_{OBJECTIVES[0]}"]),
            "to_target": int(float(row[f"values_{OBJECTIVES[1]}"])),
        }
        for row in read_csv(folder / SweepPaths(study).table.name)
        if row["state"] == COMPLETE  # not one that an interruption left
    ]


def _value(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


if __name__ == "__main__":
    in_one_line(lambda: typer.run(main))
