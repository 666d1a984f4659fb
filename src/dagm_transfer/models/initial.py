"""The network as a run starts with it; the same call gives the same weights, so none are stored."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from dagm_transfer.models.controls import mean_var, scale_layers, shuffled
from dagm_transfer.models.inits import Init
from dagm_transfer.models.vgg16 import PUBLISHED, VGG16, HeadKind, Widths, initialise

SOURCE_MEAN = (0.48235, 0.45882, 0.40784)  # of ImageNet, red, green, blue, in shares of 255
# The deviation that the three ImageNet channels have on average, in shares of 255.
SOURCE_DEVIATION = 0.226

InputScale = Literal["bytes", "unit"]


def initial_network(
    *,
    init: Init,
    seed: int,
    labels: int,
    head: HeadKind,
    size: int,
    trunk: Mapping[str, Tensor],
    widths: Widths = PUBLISHED,
    scales: Sequence[float] = (),
) -> VGG16:
    """The network before training.

    Args:
        init: `imagenet` puts the source trunk in place and draws the head; `he` and `xavier` draw
            everything. `mean_var`, `shuffled` and `he_matched` are controls (see controls.py), with
            the head of the same seed.
        seed: of the drawing.
        labels: width of the output.
        head: kind of head.
        size: input height and width in pixels.
        trunk: the source trunk, read only where `init` asks for it.
        widths: of the layers; a trunk has to have them too.
        scales: a factor a layer for `he_matched` (see `matching_scales`), which reads no trunk.
    """
    network = VGG16(labels, head, size, widths)
    initialise(network, "xavier" if init == "xavier" else "he", seed)
    if init == "imagenet":
        network.load_state_dict({**network.state_dict(), **trunk})
    elif init == "mean_var":
        network.load_state_dict({**network.state_dict(), **mean_var(trunk, seed)})
    elif init == "shuffled":
        network.load_state_dict({**network.state_dict(), **shuffled(trunk, seed)})
    elif init == "he_matched":
        scale_layers(network, scales)
    return network.to(memory_format=torch.channels_last)


def to_input(pixels: Tensor, scale: InputScale) -> Tensor:
    """Grey bytes [N, 1, H, W] as network inputs [N, 3, H, W], channels last.

    `bytes` is the trunk's own convention (torchvision's IMAGENET1K_FEATURES): grey levels less
    the ImageNet mean. `unit` divides that by the ImageNet deviation.

    >>> inputs = to_input(torch.full((1, 1, 1, 1), 123, dtype=torch.uint8), "bytes")
    >>> [round(value, 2) for value in inputs.flatten().tolist()]
    [0.0, 6.0, 19.0]
    """
    mean = torch.tensor(SOURCE_MEAN, device=pixels.device).view(1, 3, 1, 1) * 255
    inputs = pixels.float() - mean
    if scale == "unit":
        inputs = inputs / (255 * SOURCE_DEVIATION)
    return inputs.contiguous(memory_format=torch.channels_last)
