"""The report's tables and its first sentence: numbers from the runs, as text."""

import statistics

import numpy as np

from dagm_transfer.data.prepared import Prepared
from dagm_transfer.metrics.accuracy import mean_interval, trivial_accuracy, wilson_interval
from dagm_transfer.stages.results import Result

Groups = dict[str, list[Result]]
Table = list[list[str]]
DASH = "–"

COLUMNS = {
    "accuracy": "accuracy [95 % interval]",
    "balanced_accuracy": "balanced accuracy",
    "defect_tpr": "defects found",
    "defect_tnr": "normals passed",
    "defect_ap": "average precision",
    "dagm_cost": "DAGM cost",
}


def headline(results: Groups) -> str:
    """Where fine-tuning first reaches 95 % on validation, and where scratch stands there."""
    if "finetune" not in results or "scratch" not in results:
        return ""
    seeds, scratch = results["finetune"], {run.begin.seed: run for run in results["scratch"]}
    reached = [run for run in seeds if "convergence/to_95" in run.metrics]
    if not reached:
        return "Fine-tuning did not reach 95 % on validation."
    steps = [run.metrics["convergence/to_95"] for run in reached]
    beside = [
        _standing(scratch.get(run.begin.seed), step)
        for run, step in zip(reached, steps, strict=True)
    ]
    where = " / ".join(f"{step:.0f}" for step in steps)
    of = "" if len(reached) == len(seeds) else f" ({len(reached)} of {len(seeds)} seeds)"
    return (
        "Fine-tuned from ImageNet, VGG16 first reaches 95 % validation accuracy at "
        f"iteration {where}{of}; trained from scratch it "
        + (
            f"stands at {' / '.join(DASH if at is None else _percent(at) for at in beside)} there."
            if any(at is not None for at in beside)
            else "had ended before."
        )
    )


def _standing(run: Result | None, step: float) -> float | None:
    """Accuracy at a run's next evaluation: its last one before would flatter what it is held to."""
    if run is None:
        return None
    curve = zip(*run.curve("val/accuracy"), strict=True)
    return next((value for at, value in curve if at >= step), None)


def results_table(results: Groups, data: Prepared) -> dict[str, Table]:
    """For each way of testing a table: a header, a row a variant, and the trivial answer."""
    facts = data.facts
    tested = {}
    if facts["wholes"]["test"]:
        tested["image"] = data.wholes("test").labels
    tested["test"] = data.inputs("test").labels
    return {
        prefix: [
            ["variant", "seeds", *COLUMNS.values()],
            *(_result_row(variant, runs, prefix, len(labels)) for variant, runs in results.items()),
            _trivial_row(labels),
        ]
        for prefix, labels in tested.items()
    }


def convergence_table(results: Groups) -> Table:
    """Iterations to fixed accuracies and to convergence, and what they took."""
    names = {
        "convergence/to_95": "to 95 %",
        "convergence/to_99": "to 99 %",
        "convergence/iterations": "to convergence",
        "iterations": "trained",
        "seconds": "seconds",
    }
    rows = [["variant", *(f"{name}" for name in names.values())]]
    for variant, runs in results.items():
        rows.append([variant, *(_each(runs, name) for name in names)])
    return rows


def settings_table(results: Groups) -> Table:
    """How each variant was trained."""
    settings = {variant: runs[0].begin.params["variant"] for variant, runs in results.items()}
    names = [name for name in next(iter(settings.values())) if name != "name"]
    return [
        ["setting", *settings],
        *([name, *(str(chosen[name]) for chosen in settings.values())] for name in names),
    ]


def _result_row(variant: str, runs: list[Result], prefix: str, images: int) -> list[str]:
    cells = [variant, str(len(runs))]
    for name in COLUMNS:
        values = [run.metrics[key] for run in runs if (key := f"{prefix}/{name}") in run.metrics]
        cells.append(_cell(name, values, images))
    return cells


def _cell(name: str, values: list[float], images: int) -> str:
    if not values:
        return DASH
    mean = statistics.fmean(values)
    if name == "dagm_cost":
        return f"{mean:.0f}"
    if name == "defect_ap":
        return f"{mean:.3f}"
    if name != "accuracy":
        return _percent(mean)
    if len(values) > 1:
        low, high = mean_interval(values)
    else:
        low, high = wilson_interval(round(mean * images), images)
    return f"{_percent(mean)} [{_percent(max(low, 0))}, {_percent(min(high, 1))}]"


def _trivial_row(labels: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    share = trivial_accuracy(labels)
    defects = int((labels % 2 == 1).sum())
    low, high = wilson_interval(round(share * len(labels)), len(labels))
    return [
        "right texture, never defective",
        DASH,
        f"{_percent(share)} [{_percent(low)}, {_percent(high)}]",
        _percent(0.5),
        _percent(0.0),
        _percent(1.0),
        f"{defects / len(labels):.3f}",
        f"{20 * defects}",
    ]


def _each(runs: list[Result], name: str) -> str:
    values = [run.metrics.get(name) for run in runs]
    return " / ".join(DASH if value is None else f"{value:.0f}" for value in values)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
