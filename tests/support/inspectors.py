"""Inspectors small enough for a test, and folders that hold one."""

from pathlib import Path

from safetensors.torch import save_file
from small import NARROW, SIZE, small_network

from dagm_transfer.core.files import digest_of_file
from dagm_transfer.judging.card import Card, CardCosts, Thresholds, write_card
from dagm_transfer.judging.inspector import Inspector, load_inspector
from dagm_transfer.judging.paths import CARD
from dagm_transfer.judging.threshold_rule import LEAST_COST
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.paths import WEIGHTS

KEY = "finetune-s0"


def small_card(**changes: object) -> Card:
    """The card of a small network of two textures that judges by windows, but for what is named."""
    content = {
        "key": KEY, "identity": "ab", "environment": "cd", "groups": ["texture 1", "texture 2"],
        "input": "patch", "size": SIZE, "resize": "antialias", "stride": SIZE // 2,
        "input_scale": "unit", "head": "gap", "convolutions": list(NARROW.convolutions),
        "hidden": list(NARROW.hidden), "bits": 8, "rule": LEAST_COST,
        "thresholds": Thresholds(input=0.5, image=1.5),
        "costs": CardCosts(miss=20, false_alarm=1), "validation_cost": 3.0, "validated_on": "gh",
        "data": "ef", "weights": "ij", **changes,
    }  # fmt: skip
    return Card(**content)


def small_inspector(folder: Path, network: VGG16 | None = None, **changes: object) -> Inspector:
    """An inspector in a folder, as the stages leave one: its weights and its card."""
    network = network or small_network()
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(weights, folder / WEIGHTS)
    changes = {"weights": digest_of_file(folder / WEIGHTS), **changes}
    write_card(small_card(**changes), folder / CARD)
    return load_inspector(folder)
