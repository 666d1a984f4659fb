"""What the report says in words: its first sentence, and where its numbers come from."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from dagm_transfer.report.found.results import Groups, Result, all_runs, with_layers
from dagm_transfer.report.tables.html_tables import DASH, percent
from dagm_transfer.report.tables.iterations import FEW, targets

NUMBERS = {1: "one", 2: "two"}
COMPARED = ("finetune", "scratch")  # in the first sentence


def headline(results: Groups) -> str:
    """Where fine-tuning first reaches the lowest target, where scratch stands there, and a caution.

    Empty where there is neither of them and a number of seeds that needs no word.
    """
    both: Groups = {name: runs for name, runs in results.items() if name in COMPARED}
    said = _finding(results, both["finetune"], both["scratch"]) if len(both) == 2 else ""
    caution = _caution(both if said else results)
    return " ".join(filter(None, (said, caution, _of_layers(results))))


def _finding(results: Groups, finetune: list[Result], scratch: list[Result]) -> str:
    goals = targets(results)
    if not goals:
        return "No variant reached any of the target accuracies on validation."
    target, name = next(iter(goals.items()))
    reached = [run for run in finetune if name in run.metrics]
    if not reached:
        return f"Fine-tuning did not reach {target:g} % on validation."
    steps = [run.metrics[name] for run in reached]
    of = "" if len(reached) == len(finetune) else f" ({len(reached)} of {len(finetune)} seeds)"
    return (
        f"Fine-tuned from ImageNet, VGG16 first reaches {target:g} % validation accuracy at "
        f"iteration {_iterations(steps)}{of}; trained from scratch "
        f"{_beside(scratch, name, {run.begin.seed: run.metrics[name] for run in reached})}"
    )


def _beside(scratch: list[Result], name: str, steps: Mapping[int, float]) -> str:
    """When scratch got there too, or else where it stood after as many iterations, by seed."""
    found = [run.metrics[name] for run in scratch if name in run.metrics]
    if len(found) == len(scratch):
        return f"at {_iterations(found)}."
    seeds = {run.begin.seed: run for run in scratch}
    standing = [_standing(seeds.get(seed), step) for seed, step in steps.items()]
    if all(at is None for at in standing):
        return "it had ended before."
    said = _several([_percent(at) for at in standing], standing)
    return f"it stands at {said} when next evaluated."


def _iterations(steps: Sequence[float]) -> str:
    return _several([f"{step:.0f}" for step in steps], steps)


def _standing(run: Result | None, step: float) -> float | None:
    """Accuracy at a run's next evaluation: its last one before would flatter what it is held to."""
    if run is None:
        return None
    curve = zip(*run.curve("val/accuracy"), strict=True)
    return next((value for at, value in curve if at >= step), None)


def _several(said: list[str], values: Sequence[float | None]) -> str:
    """One by one where there are few, else the median with its range."""
    known = [(value, text) for value, text in zip(values, said, strict=True) if value is not None]
    if len(known) < FEW:
        return " / ".join(said)
    middle = statistics.median_low(known)[1]
    if min(known)[1] == max(known)[1]:
        return f"{middle} (in each of {len(known)} seeds)"
    return f"{middle} (median of {len(known)} seeds; {min(known)[1]} to {max(known)[1]})"


def _percent(share: float | None) -> str:
    return DASH if share is None else percent(share)


def _caution(results: Groups) -> str:
    """What a number of few seeds is worth, and what of it is the machine's."""
    machines = len(environments(results))
    seeds = min(map(len, results.values()))
    if seeds < FEW:
        few = [name for name, runs in results.items() if len(runs) == seeds]
        what = "All of this" if len(few) == len(results) else f"What is said of {', '.join(few)}"
        return (
            f"{what} is {NUMBERS[seeds]} {'seed' if seeds == 1 else 'seeds'}: another seed, "
            "or another machine, moves these numbers by points."
        )
    here = "on one machine" if machines == 1 else f"in {machines} environments"
    apart = _devices(results)
    return (
        f"The ranges are over {seeds} seeds {here}{apart}; another machine moves the numbers as "
        "well."
    )


def _devices(results: Groups) -> str:
    """On what each variant ran, where that is not the same; empty where it is."""
    on = {name: sorted({run.device for run in runs}) for name, runs in results.items()}
    if len({tuple(devices) for devices in on.values()}) == 1:
        return ""
    said = ", ".join(f"{name} on {' and '.join(devices)}" for name, devices in on.items())
    return f" ({said})"


def _of_layers(results: Groups) -> str:
    """What is said of layers where they were not measured of all runs."""
    measured = with_layers(results)
    if not measured:
        return "Layers were measured of no run."
    fewer = [
        f"{name} {len(measured.get(name, []))} of {len(runs)}"
        for name, runs in results.items()
        if len(measured.get(name, [])) < len(runs)
    ]
    return f"Layers were measured of fewer runs than these: {', '.join(fewer)}." if fewer else ""


def environments(results: Groups) -> list[tuple[str, list[str]]]:
    """What the numbers depend on besides what was asked for, each with the runs of that kind."""
    found: dict[str, list[str]] = {}
    for run in all_runs(results):
        told = run.begin.environment
        said = ", ".join(f"{name} {value}" for name, value in told.items())
        found.setdefault(said, []).append(run.begin.key)
    return list(found.items())


def seeds_said(results: Groups) -> str:
    """How many seeds a variant has."""
    counts = sorted(map(len, results.values())) or [0]
    if counts[0] < counts[-1]:
        return f"{counts[0]} to {counts[-1]} seeds"
    return "one seed" if counts[0] == 1 else f"{counts[0]} seeds"


def seeds_of(results: Groups) -> list[int]:
    """The seeds, sorted."""
    return sorted({run.begin.seed for run in all_runs(results)})


def diverged(results: Groups) -> list[str]:
    """The runs whose training ended because a loss was not finite."""
    return [run.begin.key for run in all_runs(results) if run.diverged]


def searches_behind(
    recorded: Mapping[str, Any], results: Groups, facts: Mapping[str, Any]
) -> dict[str, str]:
    """What recorded searches chose for each variant, where made on these inputs, and used.

    Args:
        recorded: experiments/results/fair_start.json.
        results: the runs by variant.
        facts: of the data.
    """
    of_data = recorded.get(facts["inputs_digest"], {"variants": {}})
    return {
        variant: found["summary"]
        for variant, found in of_data["variants"].items()
        if (runs := results.get(variant))
        and all(
            _has(run.begin.params["variant"], name, value)
            for run in runs
            for name, value in found["chosen"].items()
        )
    }


def _has(settings: Mapping[str, Any], name: str, value: object) -> bool:
    """Whether a variant, or the longest of its phases, has a setting."""
    longest = max(settings["phases"], key=lambda phase: phase["iterations"])
    found = settings[name] if name in settings else longest.get(name)
    return bool(found == value)
