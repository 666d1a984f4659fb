"""From stored images to what the trainable part of the network takes in.

Images live on the device as bytes and are expanded there. What lies before the first trainable
depth never changes: without augmentation its outputs are computed once and kept, exactly. Therefore
frozen layers see batches of one size alone, here and in training: another one rounds otherwise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16


@dataclass(frozen=True)
class Feed:
    """Stored rows, and how they become inputs of the trainable part.

    `stored` is uint8 [N, 1, H, W], or float32 [N, C, h, w] where the frozen part is computed
    already; `labels` is int64 [N]; both lie on the device. `frozen` says that there are layers
    before the trainable part.
    """

    stored: Tensor
    labels: Tensor
    expand: Callable[[Tensor], Tensor]
    frozen: bool

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, int]]:
        """All stored rows batch by batch, and how many of each batch are to be kept."""
        if self.frozen:
            yield from full_batches(self.stored, batch_size)
        else:
            yield from ((part, len(part)) for part in torch.split(self.stored, batch_size))

    def take(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Stored rows, not yet expanded, and their labels."""
        return self.stored[rows], self.labels[rows]

    def subset(self, rows: NDArray[np.int64]) -> "Feed":
        """A feed of some of the rows."""
        index = torch.from_numpy(rows).to(self.labels.device)
        return Feed(self.stored[index], self.labels[index], self.expand, self.frozen)


@dataclass(frozen=True)
class Prefix:
    """What lies before the first trainable depth of a network, and what it is fed with.

    `never_changes` says that its outputs may be kept: nothing augments the images.
    """

    network: VGG16
    trainable_from: int
    input_scale: InputScale
    batch_size: int
    never_changes: bool


class MakeFeeds(Protocol):
    """Makes the feeds of training and validation images."""

    def __call__(
        self, train: Inputs, val: Inputs, prefix: Prefix, device: torch.device
    ) -> tuple[Feed, Feed]:
        """Both on the device."""


def feed_of_pixels(inputs: Inputs, prefix: Prefix, device: torch.device) -> Feed:
    """A feed of images; the frozen part runs anew for each batch."""
    layers, _ = prefix.network.split(prefix.trainable_from)
    pixels = torch.from_numpy(np.array(inputs.pixels))[:, None].to(device)
    labels = torch.from_numpy(inputs.labels).to(device)
    return Feed(pixels, labels, expander(layers, prefix.input_scale), len(layers) > 0)


def feeds_of_pixels(
    train: Inputs, val: Inputs, prefix: Prefix, device: torch.device
) -> tuple[Feed, Feed]:
    """Both feeds without a cache; a `MakeFeeds`."""
    return feed_of_pixels(train, prefix, device), feed_of_pixels(val, prefix, device)


def expander(prefix: nn.Sequential, scale: InputScale) -> Callable[[Tensor], Tensor]:
    """From bytes [N, 1, H, W] to outputs of the frozen part; nothing is learned through it."""

    def expand(pixels: Tensor) -> Tensor:
        with torch.no_grad():
            expanded: Tensor = prefix(to_input(pixels, scale))
        return expanded

    return expand


def full_batches(stored: Tensor, batch_size: int) -> Iterator[tuple[Tensor, int]]:
    """Rows in batches of one size, and how many of each are to be kept.

    The last batch is filled up with rows from the beginning.

    >>> [(rows.tolist(), kept) for rows, kept in full_batches(torch.arange(3), 2)]
    [([0, 1], 2), ([2, 0], 1)]
    """
    for part in torch.split(stored, batch_size):
        more = torch.arange(batch_size - len(part), device=stored.device) % len(stored)
        yield (torch.cat([part, stored[more]]) if len(more) else part), len(part)
