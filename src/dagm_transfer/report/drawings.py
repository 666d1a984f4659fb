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
    runs = all_runs(results)
    names, measured = runs[0].layer_names, f"{runs[0].layer_inputs} test {unit_of(facts)}"

    def drawing(
        metric: str, title: str, ylabel: str, alt: str, caption: str, *, share: bool, control: bool
    ) -> Drawing:
        values = {variant: [run.layers[metric] for run in of] for variant, of in results.items()}
        controls = _controls(runs, f"{metric}_initial") if control else {}
        figure = depth_figure(values, controls, names, title, ylabel, share=share)
        return Drawing(metric, "layers", figure, alt, caption)

    return [
        drawing(
            "weight_change",
            "How far the kernels went from where they started",
            "||w final - w initial|| / ||w initial||",
            "Relative weight change per depth",
            "The study's gamma, kernels only. A frozen trunk does not move. The rate depends on "
            "the scale of the initial weights and on the number of iterations, which differ "
            "between variants.",
            share=False,
            control=False,
        ),
        drawing(
            "cka_to_start",
            "How much of the responses is what it was before training",
            "CKA to the network before training",
            "Alignment of the responses before and after training, per depth",
            "Linear CKA, debiased, inside each label and averaged over labels: 1 where training "
            "changed nothing but a rotation. Two networks that share nothing lie near 0, unless "
            f"the images themselves align them. On {measured}, as many of each label.",
            share=False,
            control=False,
        ),
        drawing(
            "sparsity",
            f"Channels that respond to none of {measured}",
            "dead channels",
            "Share of dead channels per depth",
            "The study's sparsity: channels whose output after the ReLU exceeds 0 nowhere on the "
            f"{measured}. Grey: the controls, the same data through the networks before training. "
            "What is dead there was not killed by training. Over more images fewer are dead.",
            share=True,
            control=True,
        ),
        drawing(
            "inactive_channels",
            f"Channels that do not respond to one image (mean over {measured})",
            "inactive channels",
            "Share of channels that are silent in one image, per depth",
            "What pictures of a layer's response to one image show. It does not fall with the "
            "number of images, and most of it can be there before any training: compare the grey "
            "lines.",
            share=True,
            control=True,
        ),
        drawing(
            "probe_accuracy",
            "What a linear classifier reads out of each depth",
            f"accuracy on {measured}",
            "Accuracy of linear probes per depth",
            "Logistic regression on the pooled responses to "
            f"{runs[0].layer_inputs} training {unit_of(facts)} or fewer, as many of each label. "
            "Untrained networks are good features as well: compare the grey lines.",
            share=True,
            control=True,
        ),
        drawing(
            "intrinsic_dimension",
            "How many dimensions the responses fill",
            "intrinsic dimension (TwoNN)",
            "Intrinsic dimension of the responses inside a label, per depth",
            "TwoNN (Facco 2017) inside each label, averaged over labels. With so few images high "
            "dimensions read low; differences between variants are read, not values.",
            share=False,
            control=True,
        ),
    ]


def _controls(runs: list[Result], metric: str) -> dict[str, list[float]]:
    """The same data through networks before training: the source trunk, and a fresh one."""
    controls: dict[str, list[float]] = {}
    for run in runs:
        init = run.begin.params["variant"]["init"]
        name = "source trunk" if init == SOURCE else f"fresh trunk ({init})"
        controls.setdefault(f"{name}, before training", run.layers[metric])
    return controls
