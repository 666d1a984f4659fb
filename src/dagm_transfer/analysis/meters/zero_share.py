"""The share of a layer's responses that are zero, over all channels, places and images."""

import torch
from torch import Tensor

from dagm_transfer.models.vgg16 import layer_key


class ZeroShare:
    """Zero responses over all: one number at a depth; NaN where a response is not a number."""

    def __init__(self) -> None:
        self._zeros: dict[int, float] = {}
        self._all: dict[int, int] = {}

    def update(self, depth: int, output: Tensor, labels: Tensor) -> None:
        """Take one batch at one depth."""
        del labels
        zeros = float("nan") if output.isnan().any() else float((output == 0).sum())
        self._zeros[depth] = self._zeros.get(depth, 0.0) + zeros
        self._all[depth] = self._all.get(depth, 0) + output.numel()

    def result(self) -> dict[str, Tensor]:
        """Shares by layer."""
        return {
            layer_key(depth): torch.tensor(zeros / self._all[depth])
            for depth, zeros in self._zeros.items()
        }
