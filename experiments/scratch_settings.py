"""Which settings serve training from scratch best: a small grid, judged on validation.

    python experiments/scratch_settings.py

Needs `data/prepared` (`dvc repro prepare`). Every combination of input scale, initialisation,
learning rate and momentum trains `scratch` for the same few iterations with the shared settings of
params.yaml; the two best then train twice as long, and of these the better one is chosen. What
counts is the mean validation accuracy of the last two evaluations. The results stand in
experiments/results/scratch_settings.json, and what is there already is not run again.
"""

import itertools
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from dagm_transfer.cli.console import say
from dagm_transfer.core.files import read_json, write_json
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import MemoryRecorder
from dagm_transfer.models.initial import initial_network
from dagm_transfer.params import Params, load
from dagm_transfer.training.device import choose_device
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Phase, Variant

RESULTS = Path(__file__).parent / "results" / "scratch_settings.json"
FINALISTS = 2
Settings = dict[str, Any]
Row = dict[str, Any]
GRID: dict[str, list[Any]] = {
    "input_scale": ["bytes", "unit"],
    "init": ["he", "xavier"],
    "learning_rate": [1e-3, 1e-2],
    "momentum": [0.0, 0.9],
}
OF_PHASE = "learning_rate"


def main(
    iterations: Annotated[int, typer.Option(help="of each combination")] = 40,
    params: Annotated[Path, typer.Option(help="the shared settings")] = Path("params.yaml"),
    prepared: Annotated[Path, typer.Option(help="prepared data")] = Path("data/prepared"),
    results: Annotated[Path, typer.Option(help="where the table goes")] = RESULTS,
) -> None:
    """Run the combinations that are not in the table yet, and choose."""
    data = Prepared(prepared)
    facts = data.facts
    asked = {"data": facts["name"], "inputs_digest": facts["inputs_digest"], "seed": 0}
    known = read_json(results) if results.exists() else {}
    same = all(known.get(name) == value for name, value in asked.items())
    rows: list[Row] = known["rows"] if same else []

    def run(combinations: Sequence[Settings], length: int) -> list[Row]:
        """The rows of these combinations after so many iterations; those missing are trained."""
        for number, chosen in enumerate(combinations, start=1):
            if _found(rows, chosen, length):
                continue
            trained = _trained(load(params), data, chosen, length)
            rows.append({**chosen, "iterations": length, **trained})
            say(f"{number}/{len(combinations)}  {rows[-1]}")
            write_json(results, {**asked, **_choice(rows), "rows": rows})
        return [_found(rows, chosen, length)[0] for chosen in combinations]

    first = run([dict(zip(GRID, c, strict=True)) for c in itertools.product(*GRID.values())],
                iterations)  # fmt: skip
    finalists = sorted(_sound(first), key=_accuracy, reverse=True)[:FINALISTS]
    run([{name: row[name] for name in GRID} for row in finalists], 2 * iterations)
    write_json(results, {**asked, **_choice(rows), "rows": rows})


def _trained(params: Params, data: Prepared, chosen: Settings, iterations: int) -> Row:
    every = max(1, iterations // 4)
    phase = Phase(trainable_from=1, learning_rate=chosen[OF_PHASE], iterations=iterations)
    settings = Variant(
        **{name: value for name, value in chosen.items() if name != OF_PHASE},
        augment=False,
        weight_decay=0.0,
        evaluate_every=every,
        phases=[phase],
    )
    network = initial_network(
        init=settings.init,
        seed=0,
        labels=len(data.facts["labels"]),
        head=params.model.head,
        size=data.facts["size"],
        trunk={},
    )
    recorder = MemoryRecorder()
    outcome = train_network(
        network,
        data.inputs("train"),
        data.inputs("val"),
        Recipe(settings, params.train, seed=0),
        choose_device(params.machine.device),
        make_feeds=feeds_of_pixels,
        record=recorder.record,
    )
    curve = [(e.step, round(e.metrics["val/accuracy"], 4)) for e in recorder.evaluations]
    alive = all(torch.isfinite(p).all() for p in network.parameters())
    return {
        "val_accuracy": statistics.fmean(accuracy for _, accuracy in curve[-2:]),
        "diverged": outcome.diverged or not alive,
        "curve": curve,
    }


def _found(rows: list[Row], chosen: Settings, iterations: int) -> list[Row]:
    return [r for r in rows if chosen.items() <= r.items() and r["iterations"] == iterations]


def _sound(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row["diverged"]] or rows


def _accuracy(row: Row) -> float:
    return float(row["val_accuracy"])


def _choice(rows: list[Row]) -> dict[str, Any]:
    """The best of those that trained longest, and the grid that they came from."""
    sound = _sound(rows)
    longest = max(row["iterations"] for row in sound)
    best = max((row for row in sound if row["iterations"] == longest), key=_accuracy)
    chosen = {name: best[name] for name in GRID}
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in chosen.items())
    combinations = len({tuple(row[name] for name in GRID) for row in rows})
    return {
        "chosen": chosen,
        "summary": f"{said}; {best['val_accuracy']:.1%} on validation after {longest} iterations, "
        f"the best of {combinations} combinations",
    }


if __name__ == "__main__":
    typer.run(main)
