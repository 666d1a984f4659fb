"""The figures of the report, from what the runs say and from the images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.figures.base import Figure
from dagm_transfer.report.figures.curves import accuracy_figure, loss_figure
from dagm_transfer.report.figures.depths import depth_figure
from dagm_transfer.report.results import Groups, Result, all_runs
from dagm_transfer.report.samples import errors_of, source_and_target


def unit_of(facts: Mapping[str, Any]) -> str:
    """What the network takes in."""
    return "patches" if facts["input"] == "patch" else "images"


def figures_of(
    results: Groups, best: Result | None, data: Prepared, trunk: Path, raw: Path
) -> dict[str, Figure]:
    """Every figure by its name.

    Args:
        results: the runs by variant.
        best: the champion; None where there is none.
        data: that they were trained on.
        trunk: the source trunk.
        raw: where the raw images lie.
    """
    return {
        "samples": source_and_target(trunk, data, raw),
        **_curves(results, data.facts),
        **_depths(results, data.facts),
        "errors": errors_of(best, data.facts["labels"], raw),
    }


def _curves(results: Groups, facts: Mapping[str, Any]) -> dict[str, Figure]:
    curves = {
        f"{part} {metric}": {
            variant: [run.curve(f"{key}/{metric}") for run in runs]
            for variant, runs in results.items()
        }
        for metric in ("loss", "accuracy")
        for part, key in (("training", "train"), ("validation", "val"))
    }
    return {
        "accuracy": accuracy_figure(
            curves["validation accuracy"],
            facts["trivial_accuracy"]["val"],
            f"Validation accuracy against iterations ({facts['name']})",
            f"accuracy on {facts['inputs']['val']} validation {unit_of(facts)}",
        ),
        "loss": loss_figure(curves, f"Loss and accuracy ({facts['name']})"),
    }


def _depths(results: Groups, facts: Mapping[str, Any]) -> dict[str, Figure]:
    def layers(metric: str) -> dict[str, list[list[float]]]:
        return {v: [run.layers[metric] for run in runs] for v, runs in results.items()}

    names = all_runs(results)[0].layer_names
    return {
        "weight_change": depth_figure(
            layers("weight_change"),
            {},
            names,
            "How far the kernels went from where they started",
            "||w final - w initial|| / ||w initial||",
            share=False,
        ),
        "sparsity": depth_figure(
            layers("sparsity"),
            _controls(results),
            names,
            f"Channels that respond to none of {facts['inputs']['test']} test {unit_of(facts)}",
            "dead channels",
            share=True,
        ),
    }


def _controls(results: Groups) -> dict[str, list[float]]:
    """The same data through networks before training: the source trunk, and a fresh one."""
    controls: dict[str, list[float]] = {}
    for run in all_runs(results):
        transferred = run.begin.params["variant"]["init"] == "imagenet"
        name = "source trunk" if transferred else "fresh trunk"
        controls.setdefault(f"{name}, before training", run.layers["sparsity_initial"])
    return controls
