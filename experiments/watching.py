"""Fine-tuning that is looked at on its way: how silent its channels are, and how right it is.

At every look the responses to the same test inputs give each definition of silence (see
analysis/silence.py), beside validation accuracy. A training that was broken off goes on.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from dagm_transfer.analysis.silence import silence
from dagm_transfer.core.files import read_json, write_json
from dagm_transfer.data.prepared import Inputs, Prepared
from dagm_transfer.events.event import Evaluation
from dagm_transfer.models.initial import InputScale, initial_network
from dagm_transfer.models.inits import Init
from dagm_transfer.models.vgg16 import DEPTHS, VGG16
from dagm_transfer.params import Params
from dagm_transfer.report.found.silent import ACCURACY, USUAL, Setting
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.training.checkpoint import read_checkpoint
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import Workspace, train_network
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Phase

SHOWN_DEPTHS = (8, 13)  # on the way; at the end all
WARM_UP, GENTLER = 10, 0.1  # iterations at that share of the learning rate
EVALUATE_EVERY, CHECKPOINT_EVERY = 100, 3
Row = dict[str, Any]


def recipe_of(params: Params, setting: Setting, seed: int, looks: Sequence[int]) -> Recipe:
    """How `finetune` is trained in a setting until the last look; with the warm-up, where one is.

    Args:
        params: `finetune` has what the setting leaves open.
        setting: how to fine-tune.
        seed: of the order.
        looks: the iterations after which to look.
    """
    rate = float(f"{setting.step * (1 - setting.momentum):.6g}")
    lengths = [(rate, looks[-1])]
    if setting.warm_up:
        lengths = [(GENTLER * rate, WARM_UP), (rate, looks[-1] - WARM_UP)]
    phases = [Phase(trainable_from=1, learning_rate=r, iterations=count) for r, count in lengths]
    changes = {
        "momentum": setting.momentum, "phases": phases, "evaluate_every": EVALUATE_EVERY,
    }  # fmt: skip
    variant = params.variants["finetune"].model_copy(update=changes)
    shared = params.train.model_copy(update={"snapshots": list(looks), "train_subset": 32})
    return Recipe(variant, shared, seed)


def watch(
    network: VGG16, train: Inputs, val: Inputs, shown: Inputs, recipe: Recipe,
    device: torch.device, folder: Path,
) -> list[Row]:  # fmt: skip
    """Train a network in place, and look before it, where snapshots are, and so at the end.

    Args:
        network: as it starts.
        train: what it is trained on.
        val: what its accuracy is of.
        shown: what it responds to at each look.
        recipe: how it is trained.
        device: where.
        folder: the training and what was seen stand there while it is under way.
    """
    workspace, seen = Workspace(folder, CHECKPOINT_EVERY), folder / "rows.json"
    folder.mkdir(parents=True, exist_ok=True)
    start = read_checkpoint(workspace.checkpoint)
    known: list[Row] = read_json(seen) if start else []
    rows = [row for row in known if start and row["iteration"] <= start.step]
    looks = recipe.snapshots()

    def look(evaluation: Evaluation) -> None:
        if evaluation.step not in (0, *looks):
            return
        here = {"iteration": evaluation.step, "inputs": USUAL}
        depths = DEPTHS if evaluation.step == looks[-1] else SHOWN_DEPTHS
        scale = recipe.variant.input_scale
        rows.extend({**here, **row} for row in looked(network, scale, shown, depths))
        if (accuracy := evaluation.metrics.get(ACCURACY)) is not None:
            rows.append({**here, "count": len(val.pixels), "depth": 0, "metric": ACCURACY,
                         "value": round(accuracy, 5)})  # fmt: skip
        network.train()  # as the training left it
        write_json(seen, rows)

    train_network(
        network, train, val, recipe, device, make_feeds=feeds_of_pixels, record=look,
        workspace=workspace, start=start,
    )  # fmt: skip
    return rows


def start_network(params: Params, data: Prepared, seed: int, init: Init = "imagenet") -> VGG16:
    """A network before its training."""
    return initial_network(
        init=init, seed=seed, labels=len(data.facts["labels"]), head=params.model.head,
        size=data.facts["size"], trunk=load_file(TRUNK),
    )  # fmt: skip


def looked(network: VGG16, scale: InputScale, inputs: Inputs, depths: Sequence[int]) -> list[Row]:
    """Each definition of silence at some depths; what has no value is left out."""
    device = next(network.parameters()).device
    return [
        {"count": len(inputs.pixels), "depth": depth, "metric": metric, "value": round(value, 5)}
        for depth, found in silence(network, inputs, depths, scale=scale, device=device).items()
        for metric, value in found.items()
        if math.isfinite(value)
    ]
