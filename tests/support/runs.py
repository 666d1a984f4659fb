"""A run over prepared data and a source trunk on disk, small, for what reads them from there."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from small import SIZE, recipe, small_inputs

from dagm_transfer.core.files import digest_of_arrays
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.prepared import Inputs, Prepared
from dagm_transfer.models.vgg16 import DEPTHS, VGG16, initialise
from dagm_transfer.training.run import Run
from dagm_transfer.training.settings import Model

PARTS = ("train", "val", "test")
DATA, TRUNK, FACTS = "data", "trunk.safetensors", "source.json"


def write_data(root: Path, per_label: int = 20) -> None:
    """Prepared data of four labels, and a trunk that was drawn, with biases."""
    folder = root / DATA
    folder.mkdir(parents=True)
    parts = {part: small_inputs(per_label, seed) for seed, part in enumerate(PARTS)}
    np.save(folder / "inputs.npy", np.concatenate([inputs.pixels for inputs in parts.values()]))
    rows = [row for part, inputs in parts.items() for row in _rows(part, inputs)]
    (folder / "inputs.csv").write_text(to_csv(rows, ("part", "label", "image")))
    facts = {"labels": list("abcd"), "size": SIZE, "inputs_digest": "of inputs", "digest": "of all"}
    (folder / "facts.json").write_text(json.dumps(facts))
    network = VGG16(2, "gap", SIZE)
    initialise(network, "he", seed=9)
    with torch.no_grad():
        for depth in DEPTHS:
            network.conv(depth).bias.fill_(0.1)
    trunk = {f"features.{name}": t for name, t in network.features.state_dict().items()}
    save_file(trunk, root / TRUNK)
    digest = digest_of_arrays({name: tensor.numpy() for name, tensor in trunk.items()})
    (root / FACTS).write_text(json.dumps({"digest": digest, "origin": "file"}))


def run_below(root: Path, *, seed: int = 0, **settings: object) -> Run:
    """A run over them; settings as for `recipe`."""
    asked = recipe(seed=seed, **settings)
    return Run(
        "small", seed, asked.variant, Model(head="gap"), asked.train, Prepared(root / DATA),
        root / TRUNK, root / FACTS,
    )  # fmt: skip


def _rows(part: str, inputs: Inputs) -> list[dict[str, str | int | float | None]]:
    return [
        {"part": part, "label": int(label), "image": image}
        for label, image in zip(inputs.labels, inputs.images, strict=True)
    ]
