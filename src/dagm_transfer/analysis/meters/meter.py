"""Images streamed once through a network, and any number of meters that watch its layers."""

from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.feed import full_batches

Progress = Callable[[int, int], None]


class Meter(Protocol):
    """Something measured over images: it counts, and keeps nothing of each image in memory."""

    def update(self, depth: int, output: Tensor, labels: Tensor) -> None:
        """Take one batch at one depth.

        Args:
            depth: 1 to 13.
            output: post-ReLU, [N, C, H, W].
            labels: [N].
        """

    def result(self) -> Mapping[str, Tensor]:
        """What was found, on the CPU, by the name of the layer (see `layer_key`)."""


def stream(
    network: VGG16,
    inputs: Inputs,
    meters: Mapping[str, Meter],
    *,
    scale: InputScale,
    batch_size: int,
    device: torch.device,
    on_batch: Progress,
) -> dict[str, Tensor]:
    """Show every input to every meter in one pass; what they found, as `METER/NAME`."""
    network.to(device).eval()
    labels = torch.from_numpy(inputs.labels)
    count, seen = len(inputs.pixels), 0
    batches = -(-count // batch_size)
    for done in range(1, batches + 1):
        # Images are read batch by batch: they can be more than memory holds.
        stored = torch.from_numpy(inputs.pixels[seen : seen + batch_size].copy())[:, None]
        ((part, kept),) = full_batches(stored, batch_size)
        with torch.inference_mode():
            for depth, output in network.activations(to_input(part.to(device), scale)):
                for meter in meters.values():
                    meter.update(depth, output[:kept], labels[seen : seen + kept])
        seen += kept
        on_batch(done, batches)
    return {
        f"{name}/{what}": tensor
        for name, meter in meters.items()
        for what, tensor in meter.result().items()
    }
