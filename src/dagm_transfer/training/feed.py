"""From stored images to what the trainable part of the network takes in.

Images live on the device as bytes and are expanded there. What lies before the first trainable
depth never changes: without augmentation its outputs are computed once and kept, exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import InputScale, to_input

GIB = 2**30


@dataclass(frozen=True)
class Feed:
    """Stored rows, and how they become inputs of the trainable part.

    `stored` is uint8 [N, 1, H, W], or float32 [N, C, h, w] where the frozen part is computed
    already; `labels` is int64 [N]; both lie on the device.
    """

    stored: Tensor
    labels: Tensor
    expand: Callable[[Tensor], Tensor]

    def take(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Stored rows, not yet expanded, and their labels."""
        return self.stored[rows], self.labels[rows]

    def subset(self, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> "Feed":
        """A feed of some of the rows."""
        index = torch.from_numpy(rows).to(self.labels.device)
        return Feed(self.stored[index], self.labels[index], self.expand)


def pixel_feed(
    inputs: Inputs, prefix: nn.Sequential, scale: InputScale, device: torch.device
) -> Feed:
    """A feed of images; the frozen part runs anew for each batch."""
    pixels = torch.from_numpy(np.array(inputs.pixels))[:, None]
    labels = torch.from_numpy(inputs.labels)
    return Feed(pixels.to(device), labels.to(device), expander(prefix, scale))


def expander(prefix: nn.Sequential, scale: InputScale) -> Callable[[Tensor], Tensor]:
    """From bytes [N, 1, H, W] to outputs of the frozen part; nothing is learned through it."""

    def expand(pixels: Tensor) -> Tensor:
        with torch.no_grad():
            expanded: Tensor = prefix(to_input(pixels, scale))
        return expanded

    return expand


def cached_feed(feed: Feed, batch_size: int) -> Feed:
    """The same rows with the frozen part's outputs in place of the images."""
    with torch.no_grad():
        outputs = [feed.expand(part) for part in torch.split(feed.stored, batch_size)]
    return Feed(torch.cat(outputs), feed.labels, lambda stored: stored)


def cache_gib(feed: Feed) -> float:
    """What `cached_feed` would take, in GiB."""
    if not len(feed.stored):
        return 0.0
    with torch.no_grad():
        one = feed.expand(feed.stored[:1])
    return one.numel() * one.element_size() * len(feed.stored) / GIB
