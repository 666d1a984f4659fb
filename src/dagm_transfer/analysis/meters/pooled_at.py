"""Pooled responses at some depths, in memory: of few inputs, or for a moment."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dagm_transfer.analysis.meters.meter import Progress, stream
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import VGG16

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

BATCH = 16


class PooledAt:
    """A meter that keeps each channel's mean response at some depths."""

    def __init__(self, depths: Sequence[int]):
        self._found: dict[int, list[Tensor]] = {depth: [] for depth in depths}

    def update(self, depth: int, output: Tensor, labels: Tensor) -> None:
        """Take one batch at one depth."""
        del labels
        if depth in self._found:
            self._found[depth].append(output.float().mean(dim=(2, 3)).cpu())

    def result(self) -> dict[str, Tensor]:
        """[N, C] by depth."""
        return {str(depth): torch.cat(batches) for depth, batches in self._found.items()}


def pooled_responses(
    network: VGG16,
    pixels: Bytes,
    depths: Sequence[int],
    *,
    scale: InputScale,
    device: torch.device,
    on_batch: Progress = lambda *_: None,
) -> dict[int, Floats]:
    """The post-ReLU outputs at some depths, averaged over height and width: [N, C] each.

    Args:
        network: its trunk is used.
        pixels: grey, [N, H, W].
        depths: 1 to 13.
        scale: of the inputs that it was trained on.
        device: where it runs.
        on_batch: told how many batches are done, of how many.
    """
    inputs = Inputs(pixels, np.zeros(len(pixels), dtype=np.int64), [""] * len(pixels))
    found = stream(
        network, inputs, {"pooled": PooledAt(depths)}, scale=scale, batch_size=BATCH,
        device=device, on_batch=on_batch,
    )  # fmt: skip
    return {depth: found[f"pooled/{depth}"].numpy().astype(np.float64) for depth in depths}
