"""Each channel's largest response to each image: from it, what is dead and what is inactive."""

import torch
from torch import Tensor

from dagm_transfer.models.vgg16 import layer_key


class ChannelMaxima:
    """Largest post-ReLU output of each channel in each image, over its places.

    The result has [N, C] for each depth, under the layer's name.
    """

    def __init__(self) -> None:
        self._found: dict[int, list[Tensor]] = {}

    def update(self, depth: int, output: Tensor, labels: Tensor) -> None:
        """Take one batch at one depth."""
        del labels
        self._found.setdefault(depth, []).append(output.amax(dim=(2, 3)).cpu())

    def result(self) -> dict[str, Tensor]:
        """Channel maxima by depth."""
        return {layer_key(depth): torch.cat(parts) for depth, parts in self._found.items()}
