"""The network of a run as it started and as it ended, from what its log says of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.models.controls import matching_scales
from dagm_transfer.models.initial import initial_network, to_input
from dagm_transfer.models.inits import FROM_SOURCE
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.batches import spread_subset

SCALES = "scales"  # of the layers of an initial network, in a log beside its parameters
MATCHED_ON = 64  # training inputs, at most


def network_at_start(params: Mapping[str, Any], data: Mapping[str, Any], trunk: Path) -> VGG16:
    """The network that a run started with; the same at every call.

    Args:
        params: the resolved configuration, as the run's log has it.
        data: the facts of the data that it was trained on.
        trunk: the source trunk, read only by runs that start from it.
    """
    init = params["variant"]["init"]
    return initial_network(
        init=init,
        seed=params["seed"],
        labels=len(data["labels"]),
        head=params["model"]["head"],
        size=data["size"],
        trunk=load_file(trunk) if init in FROM_SOURCE else {},
        scales=params.get(SCALES, ()),
    )


def scales_for(params: Mapping[str, Any], data: Prepared, trunk: Path) -> list[float]:
    """What `he_matched` scales He's draw by: the run's log keeps it, beside its parameters.

    So the initial network is the same on a machine that rounds otherwise, and asks for no data.

    Args:
        params: the resolved configuration.
        data: of which some training inputs are looked at.
        trunk: the source trunk.
    """
    inputs = data.inputs("train")
    pixels = torch.from_numpy(inputs.pixels[spread_subset(inputs.labels, MATCHED_ON)])
    made = {
        "seed": params["seed"],
        "labels": len(data.facts["labels"]),
        "head": params["model"]["head"],
        "size": data.facts["size"],
        "trunk": load_file(trunk),
    }
    he, source = initial_network(init="he", **made), initial_network(init="imagenet", **made)
    images = to_input(pixels[:, None], params["variant"]["input_scale"])
    return matching_scales(he, source, images)


def network_at_end(params: Mapping[str, Any], data: Mapping[str, Any], weights: Path) -> VGG16:
    """The network of a finished run, in evaluation mode.

    Raises:
        UserError: the weights are missing, or are those of other layers.
    """
    network = VGG16(len(data["labels"]), params["model"]["head"], data["size"])
    return load_weights(network, weights)


def load_weights(network: VGG16, path: Path) -> VGG16:
    """Put stored weights into `network`, and it into evaluation mode.

    Raises:
        UserError: the file is missing, or holds other layers than the network.
    """
    try:
        network.load_state_dict(load_file(path))
    except (RuntimeError, FileNotFoundError, SafetensorError) as error:
        raise UserError(f"{path}: not the weights of this network; run `dvc repro`") from error
    return network.to(memory_format=torch.channels_last).eval()
