"""The network of a run as it started and as it ended, from what its log says of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.models.initial import initial_network
from dagm_transfer.models.inits import FROM_SOURCE
from dagm_transfer.models.vgg16 import VGG16


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
    )


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
