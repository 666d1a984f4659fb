"""Weights that are no trunk."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

from dagm_transfer.models.vgg16 import VGG16
from faulty.fault import Fault


def trunk(change: Callable[[dict[str, torch.Tensor]], None]) -> Callable[[Path], list[Path]]:
    """A trunk of zeros in a file, changed."""

    def make(root: Path) -> list[Path]:
        state = VGG16(2, "gap", 32).state_dict()
        zeros = {k: torch.zeros_like(v) for k, v in state.items() if k.startswith("features.")}
        change(zeros)
        save_file(zeros, root / "trunk.safetensors")
        return [root / "trunk.safetensors"]

    return make


def narrow(state: dict[str, torch.Tensor]) -> None:
    state["features.0.weight"] = torch.zeros(32, 3, 3, 3)


def not_a_number(state: dict[str, torch.Tensor]) -> None:
    state["features.2.weight"][0, 0, 0, 0] = float("nan")


def pickled(root: Path) -> list[Path]:
    torch.save({"features.0.weight": torch.zeros(1)}, root / "vgg16.pth")
    return [root / "vgg16.pth"]


def no_weights(root: Path) -> list[Path]:
    (root / "trunk.safetensors").write_bytes(b"<html>404</html>")
    return [root / "trunk.safetensors"]


FAULTS = [
    Fault("weights as a pickle, `vgg16.pth`", "refused", "safetensors", pickled),
    Fault("weights of another network", "refused", "shape", trunk(narrow)),
    Fault("weights with NaN", "refused", "not finite", trunk(not_a_number)),
    Fault("weights that are no safetensors file", "refused", "not a safetensors", no_weights),
]
