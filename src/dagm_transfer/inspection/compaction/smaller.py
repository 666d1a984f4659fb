"""A run's network made smaller: exactly, or with its strongest channels alone."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.inspection.compaction.fine_tuning import FineTuned, fine_tune
from dagm_transfer.inspection.compaction.judged_anew import judged_anew
from dagm_transfer.inspection.compaction.kept_units import Kept, live_units, strongest_units
from dagm_transfer.inspection.compaction.narrowed import narrowed
from dagm_transfer.inspection.compaction.responses import watched
from dagm_transfer.inspection.exporting.agreement import (
    Agreement,
    agreement,
    relative_difference,
)
from dagm_transfer.inspection.exporting.exportable import (
    Bars,
    Compaction,
    Exportable,
    beside_each_other,
    judged_logits,
)
from dagm_transfer.inspection.exporting.finished_run import (
    FinishedRun,
    float32_logits,
    float64_logits,
)
from dagm_transfer.inspection.layer_sizes import layer_sizes, size_rows
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.judged_sets import Progress
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.windows import BATCH, Floats
from dagm_transfer.models.vgg16 import VGG16

TOLERANCE = 1e-5  # of logits, relative
SHOWN = ("accuracy", "accuracy_at_threshold", "defect_ap", "dagm_cost")


def compacted(run: FinishedRun, bars: Bars) -> Exportable:
    """The run's network without the units that are dead on the judged images; nothing is trained.

    Raises:
        UserError: on those images the logits differ by more than the tolerance, or a decision
            does; or the network's responses are no finite numbers.
    """
    key, whole = run.card.key, run.inspector.network.network
    before, live = _live(run, bars)
    network = narrowed(whole, run.card, live)
    with bars(f"the same without dead channels, {key}") as on_image:
        after = judged_logits(run, float32_logits(network, run.card), run.images, on_image)
    agreed = agreement(beside_each_other(run.images, before, after), run.card, run.card)
    facts = {"exact": True, "measured_on": _measured_on(agreed), "against_the_run": agreed.facts()}
    exact = agreed
    if agreed.largest > TOLERANCE:
        exact = _in_float64(run, network, before, after, bars)
        facts["in_float64"] = exact.facts()
    if agreed.changed or exact.changed or not exact.largest <= TOLERANCE:
        raise UserError(
            f"{key}: without its dead channels the logits differ by {exact.largest:.1e} and "
            f"{len(agreed.changed)} of {agreed.images} decisions; export it without --compact"
        )
    return Exportable(network, run.card, after, _compaction(whole, network, run.card, facts))


def strongest(
    run: FinishedRun, share: float, iterations: int, device: torch.device, bars: Bars
) -> Exportable:
    """A share of each layer's live units, trained a little, with thresholds of its own.

    Units are ranked by their mean response to the training inputs.

    Args:
        run: whose network it is made from.
        share: of the live units of each layer; more than 0, at most 1.
        iterations: of the training after that.
        device: where it trains; all else runs on the CPU.
        bars: show progress.

    Raises:
        UserError: the network's responses are no finite numbers, or the training diverged.
    """
    key, whole = run.card.key, run.inspector.network.network
    before, live = _live(run, bars)
    with bars(f"responses to training inputs, {key}") as on_batch:
        means = _means(whole, run.data.inputs("train"), run.card, on_batch)
    network = narrowed(whole, run.card, strongest_units(live, means, share))
    with bars(f"iterations of fine-tuning, {key}") as on_step:
        tuned = fine_tune(network, run, iterations, device, on_step)
    with bars(f"judged images, {key} at {share:g}") as on_image:
        after = judged_logits(run, float32_logits(network, run.card), run.images, on_image)
    anew = judged_anew(run, network, after)
    agreed = agreement(beside_each_other(run.images, before, after), run.card, anew.card)
    old = read_json(run.root / JudgingPaths(key).metrics)
    facts = {
        "exact": False,
        "share": share,
        "measured_on": _measured_on(agreed),
        "ranked_on": {"part": "train", "inputs": len(run.data.inputs("train").labels)},
        "fine_tuned": _fine_tuned(tuned),
        "test": {"before": _shown(old), "after": _shown(anew.metrics)},
        "validation_cost": {
            "before": run.card.validation_cost,
            "after": anew.card.validation_cost,
        },
        "against_the_run": agreed.facts(),
    }
    return Exportable(network, anew.card, after, _compaction(whole, network, run.card, facts))


def _live(run: FinishedRun, bars: Bars) -> tuple[dict[str, Floats], Kept]:
    """The network's logits of all judged images, and the units that respond to one of them."""
    network = run.inspector.network.network
    with bars(f"judged images of {run.card.key}") as on_image, watched(network) as responses:
        logits = judged_logits(run, float32_logits(network, run.card), run.images, on_image)
    return logits, live_units(responses.maxima())


def _in_float64(
    run: FinishedRun,
    network: VGG16,
    before: Mapping[str, Floats],
    after: Mapping[str, Floats],
    bars: Bars,
) -> Agreement:
    """The images that differ by more than the tolerance, again, where float32 rounds nothing.

    Where logits nearly cancel out, a sum in another order is enough.
    """
    doubtful = [
        each
        for each in run.images
        if relative_difference(before[each.image], after[each.image]) > TOLERANCE
    ]
    found = []
    for either in (run.inspector.network.network, network):
        logits = float64_logits(either, run.card)
        with bars(f"images whose logits differ, in float64, {run.card.key}") as on_image:
            found.append(judged_logits(run, logits, doubtful, on_image))
    return agreement(beside_each_other(doubtful, *found), run.card, run.card)


def _means(network: VGG16, inputs: Inputs, card: Card, on_batch: Progress) -> list[Tensor]:
    logits, pixels = float32_logits(network, card), inputs.pixels
    firsts = range(0, len(pixels), BATCH)
    with watched(network) as responses:
        for done, first in enumerate(firsts, start=1):
            logits(pixels[first : first + BATCH])
            on_batch(done, len(firsts))
    return responses.means()


def _compaction(whole: VGG16, network: VGG16, card: Card, facts: dict[str, Any]) -> Compaction:
    rows = size_rows(layer_sizes(whole, card.size), layer_sizes(network, card.size))
    return Compaction(rows, facts)


def _measured_on(agreed: Agreement) -> dict[str, Any]:
    return {"parts": ["val", "test"], "images": agreed.images, "windows": agreed.windows}


def _fine_tuned(tuned: FineTuned) -> dict[str, Any]:
    before, after = tuned.validation_accuracy
    return {
        "iterations": tuned.iterations,
        "learning_rate": tuned.learning_rate,
        "validation_accuracy": {"before": before, "after": after},
    }


def _shown(metrics: Mapping[str, float]) -> dict[str, float]:
    names = [f"{prefix}/{name}" for prefix in ("test", "image") for name in SHOWN]
    return {name: metrics[name] for name in names if name in metrics}
