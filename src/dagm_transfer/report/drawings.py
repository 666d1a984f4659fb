"""The figures of the report, with their places on the page and what is said below them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report import summary
from dagm_transfer.report.figures.base import Figure
from dagm_transfer.report.figures.curves import accuracy_figure, loss_figure
from dagm_transfer.report.figures.depths import depth_figure
from dagm_transfer.report.results import Groups, Result, all_runs
from dagm_transfer.report.samples import MOST_GROUPS, errors_of, source_and_target

SOURCE = "imagenet"  # the initialisation that is the source trunk itself
SECTIONS = ("source", "accuracy", "loss", "errors", "layers")  # of the page, in its order


@dataclass(frozen=True)
class Drawing:
    """A figure, the section of the page that it stands in, and its texts."""

    name: str
    section: str
    figure: Figure
    alt: str
    caption: str


def unit_of(facts: Mapping[str, Any]) -> str:
    """What the network takes in."""
    return "patches" if facts["input"] == "patch" else "images"


def drawings_of(
    results: Groups, best: Result | None, data: Prepared, trunk: Path, raw: Path
) -> list[Drawing]:
    """Every figure, in the order of the page.

    Args:
        results: the runs by variant.
        best: the champion; None where there is none.
        data: that they were trained on.
        trunk: the source trunk.
        raw: where the raw images lie.
    """
    groups = data.facts["groups"]
    some = f"; {MOST_GROUPS} of the {len(groups)} groups are drawn"
    return [
        Drawing(
            "samples",
            "source",
            source_and_target(trunk, data, raw),
            "Photographs, first-layer filters, and inspected images without and with a defect",
            "Top: photographs, which is what the source network was trained on (two that ship with "
            "scikit-learn, not from ImageNet), and the 64 filters of its first layer. Below: the "
            "inspected images, a normal and a defective one of each group"
            f"{some if len(groups) > MOST_GROUPS else ''}.",
        ),
        *_curves(results, data.facts),
        Drawing(
            "errors",
            "errors",
            errors_of(best, data.facts["labels"], raw),
            "Wrongly judged test images",
            "Whole test images that the champion judges wrongly at the largest logit, twelve at "
            "most.",
        ),
        *_depths(results, data.facts),
    ]


def _curves(results: Groups, facts: Mapping[str, Any]) -> list[Drawing]:
    curves = {
        f"{part} {metric}": {
            variant: [run.curve(f"{key}/{metric}") for run in runs]
            for variant, runs in results.items()
        }
        for metric in ("loss", "accuracy")
        for part, key in (("training", "train"), ("validation", "val"))
    }
    unit, diverged = unit_of(facts), summary.diverged(results)
    bands = " Lines are medians over the seeds, bands reach from the least to the largest."
    gone = (
        f" Diverged: {', '.join(diverged)}. Where a run ends, its line goes on over the other "
        "seeds."
    )
    return [
        Drawing(
            "accuracy",
            "accuracy",
            accuracy_figure(
                curves["validation accuracy"],
                facts["trivial_accuracy"]["val"],
                f"Validation accuracy against iterations ({facts['name']})",
                f"accuracy on {facts['inputs']['val']} validation {unit}",
            ),
            "Validation accuracy of each variant against iterations",
            f"Every variant on the same validation {unit}. The dashed line is what anybody reaches "
            "who recognises the group and never calls a defect."
            f"{bands if len(summary.seeds_of(results)) > 1 else ''}{gone if diverged else ''}",
        ),
        Drawing(
            "loss",
            "loss",
            loss_figure(curves, f"Loss and accuracy ({facts['name']})"),
            f"Loss and accuracy on training and validation {unit}",
            "Training accuracy is measured on a fixed subset in evaluation mode: where it rises "
            "above validation, the network overfits."
            f"{' A loss on its way to infinity leaves the panel.' if diverged else ''}",
        ),
    ]


def _depths(results: Groups, facts: Mapping[str, Any]) -> list[Drawing]:
    def layers(metric: str) -> dict[str, list[list[float]]]:
        return {v: [run.layers[metric] for run in runs] for v, runs in results.items()}

    names, tested = all_runs(results)[0].layer_names, f"{facts['inputs']['test']} test"
    return [
        Drawing(
            "weight_change",
            "layers",
            depth_figure(
                layers("weight_change"),
                {},
                names,
                "How far the kernels went from where they started",
                "||w final - w initial|| / ||w initial||",
                share=False,
            ),
            "Relative weight change per depth",
            "The study's gamma, kernels only. A frozen trunk does not move. The rate depends on "
            "the scale of the initial weights and on the number of iterations, which differ "
            "between variants.",
        ),
        Drawing(
            "sparsity",
            "layers",
            depth_figure(
                layers("sparsity"),
                _controls(results),
                names,
                f"Channels that respond to none of {tested} {unit_of(facts)}",
                "dead channels",
                share=True,
            ),
            "Share of dead channels per depth",
            "The study's sparsity: channels whose output after the ReLU exceeds 0 nowhere on the "
            f"{tested} {unit_of(facts)}. Grey: the controls, the same data through the networks "
            "before training. What is dead there was not killed by training.",
        ),
    ]


def _controls(results: Groups) -> dict[str, list[float]]:
    """The same data through networks before training: the source trunk, and a fresh one."""
    controls: dict[str, list[float]] = {}
    for run in all_runs(results):
        init = run.begin.params["variant"]["init"]
        name = "source trunk" if init == SOURCE else f"fresh trunk ({init})"
        controls.setdefault(f"{name}, before training", run.layers["sparsity_initial"])
    return controls
