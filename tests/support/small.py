"""Networks and images small enough to train in a test."""

import numpy as np
import torch
from torch import nn

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import initial_network
from dagm_transfer.models.vgg16 import DEPTHS, VGG16, HeadKind, Widths
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Phase, Train, Variant

SIZE = 32
# VGG16 with few channels: no line of the loop depends on how many there are.
NARROW = Widths((4, 4, 4, 4, *[8] * 9), hidden=(16, 16))


def small_network(seed: int = 0, head: HeadKind = "gap", labels: int = 4) -> VGG16:
    return initial_network(
        init="he", seed=seed, labels=labels, head=head, size=SIZE, trunk={}, widths=NARROW
    )


def live_network(head: HeadKind = "gap", size: int = SIZE) -> VGG16:
    """Every channel and hidden unit responds to something: its bias sees to that."""
    network = initial_network(
        init="he", seed=0, labels=4, head=head, size=size, trunk={}, widths=NARROW
    )
    hidden = [layer for layer in network.head if isinstance(layer, nn.Linear)][:-1]
    with torch.no_grad():
        for layer in (*map(network.conv, DEPTHS), *hidden):
            layer.weight.mul_(0.5)
            layer.bias.fill_(1.0)
    return network.eval()


def small_inputs(per_label: int, seed: int = 0) -> Inputs:
    """Two textures, dark and bright noise; a defect is a bright square in the lower right."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(4), per_label)
    pixels = random.integers(0, 60, (len(labels), SIZE, SIZE), dtype=np.uint8)
    pixels[labels >= 2] += 120
    pixels[labels % 2 == 1, 18:28, 20:30] = 250
    return Inputs(pixels, labels, [f"{n}.png" for n in range(len(labels))])


def recipe(**settings: object) -> Recipe:
    """Six iterations at a bold learning rate, but for what is named."""
    asked = {
        "seed": 0, "init": "he", "input_scale": "unit", "augment": False, "momentum": 0.9,
        "weight_decay": 0.0, "evaluate_every": 2, "batch_size": 4, "sampling": "even",
        "precision": "float32", "train_subset": 8, "snapshots": [],
        "trainable_from": 1, "learning_rate": 0.05, "iterations": 6, **settings,
    }  # fmt: skip
    parts = {
        section: {name: asked.pop(name) for name in list(asked) if name in section.model_fields}
        for section in (Train, Phase)
    }
    phases = asked.pop("phases", [Phase(**parts[Phase])])
    seed = asked.pop("seed")
    return Recipe(Variant(phases=list(phases), **asked), Train(**parts[Train]), seed)
