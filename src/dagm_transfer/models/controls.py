"""Trunks that keep something of the source trunk and not what it has learned: the controls.

`mean_var` and `shuffled` have biases of zero. With the source's own, or those permuted or drawn
anew, 44 to 49 % of the last depth's channels are dead, and responses to one input differ from those
to another by 0.2 to 1.7 % of their RMS: the biases answer. Without, 0 to 2 % are dead and it is 66
to 89 %, as in the source (90 %); but responses fade with depth to less than a millionth of the
source's, whose scale depends on what is lost (256 DAGM-style patches, two seeds, untrained).

In 40 iterations there (one seed, learning rate 1e-3) `mean_var` stayed at chance, with the source's
biases at momentum 0 and 0.9, and without any at 0.9; `he_matched` came to 42 % on validation at
momentum 0. On real images `mean_var` and `shuffled` stay at chance in 80 iterations at the best of
four learning rates, and `he_matched` comes to 60 to 70 % (three seeds; reports/published/real).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from dagm_transfer.models.vgg16 import DEPTHS, VGG16

BATCH = 16  # images at once: at 224 pixels more would fill gigabytes
Trunk = Mapping[str, Tensor]


def mean_var(trunk: Trunk, seed: int) -> dict[str, Tensor]:
    """Each layer's weights drawn from a normal with their mean and variance (Raghu 2019)."""
    generator = torch.Generator().manual_seed(seed)

    def draw(weight: Tensor) -> Tensor:
        noise = torch.randn(weight.shape, generator=generator)
        return weight.mean() + weight.std(correction=0) * noise

    return _without_biases(trunk, draw)


def shuffled(trunk: Trunk, seed: int) -> dict[str, Tensor]:
    """The entries inside each filter, [C_in, 3, 3] of an output channel, in another order."""
    generator = torch.Generator().manual_seed(seed)

    def shuffle(weight: Tensor) -> Tensor:
        entries = weight.flatten(1)
        order = torch.rand(entries.shape, generator=generator).argsort(dim=1)
        return entries.gather(1, order).view(weight.shape)

    return _without_biases(trunk, shuffle)


def _without_biases(trunk: Trunk, remake: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
    """The trunk with other weights, made in the order of its names, and biases of zero."""
    return {
        name: remake(trunk[name]) if name.endswith("weight") else torch.zeros_like(trunk[name])
        for name in sorted(trunk)
    }


def matching_scales(network: VGG16, source: VGG16, inputs: Tensor) -> list[float]:
    """By how much to scale each layer so that it responds as strongly as the source's does.

    Without biases a layer scaled by s scales all that follow it by s: one pass tells all scales.

    Args:
        network: whose biases are zero, as `he` draws them.
        source: a network with the source trunk.
        inputs: [N, 3, S, S], that the responses are to; both RMS are over all of N, channels and
            places.
    """
    pairs = zip(_response_rms(source, inputs), _response_rms(network, inputs), strict=True)
    gains = [theirs / own for theirs, own in pairs]
    return [gain / before for before, gain in pairwise([1.0, *gains])]


@torch.no_grad()
def scale_layers(network: VGG16, scales: Sequence[float]) -> None:
    """Multiply the weights of each depth, in place."""
    for depth, scale in zip(DEPTHS, scales, strict=True):
        network.conv(depth).weight.mul_(scale)


@torch.no_grad()
def _response_rms(network: VGG16, inputs: Tensor) -> list[float]:
    """Root mean square of the post-ReLU outputs of each depth."""
    squares = dict.fromkeys(DEPTHS, 0.0)
    counts = dict.fromkeys(DEPTHS, 0)
    for part in torch.split(inputs, BATCH):
        for depth, output in network.activations(part):
            squares[depth] += float(output.double().square().sum())
            counts[depth] += output.numel()
    return [math.sqrt(squares[depth] / counts[depth]) for depth in DEPTHS]
