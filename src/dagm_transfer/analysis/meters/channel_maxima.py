"""Each channel's largest response to any image: from it, which channels are dead."""

import torch
from torch import Tensor

from dagm_transfer.models.vgg16 import layer_key


class ChannelMaxima:
    """Largest post-ReLU output of each channel over images and places: [C] at a depth."""

    def __init__(self) -> None:
        self._found: dict[int, Tensor] = {}

    def update(self, depth: int, output: Tensor, labels: Tensor) -> None:
        """Take one batch at one depth."""
        del labels
        largest = output.amax(dim=(0, 2, 3)).cpu()
        known = self._found.get(depth)
        self._found[depth] = largest if known is None else torch.maximum(known, largest)

    def result(self) -> dict[str, Tensor]:
        """Channel maxima by layer."""
        return {layer_key(depth): largest.clone() for depth, largest in self._found.items()}
