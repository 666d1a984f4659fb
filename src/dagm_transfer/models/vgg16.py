"""VGG16 without batch norm (Simonyan and Zisserman 2015, configuration D), seen layer by layer.

The trunk's keys are torchvision's (`features.N.weight`), so published weights fit as they are.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

CONVOLUTIONS = (2, 2, 3, 3, 3)  # of each block; a max-pool ends it
NAMES = tuple(
    f"conv{block}_{place}"
    for block, convolutions in enumerate(CONVOLUTIONS, start=1)
    for place in range(1, convolutions + 1)
)
DEPTHS = range(1, len(NAMES) + 1)
HEAD_ONLY = len(NAMES) + 1
HEAD_DEVIATION = 0.01  # torchvision's, for every fully connected layer

HeadKind = Literal["gap", "fc"]


@dataclass(frozen=True)
class Widths:
    """Output channels of the 13 convolutions, and of the two hidden layers of an `fc` head."""

    convolutions: tuple[int, ...]
    hidden: tuple[int, int]


PUBLISHED = Widths(
    (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512), hidden=(4096, 4096)
)


def layer_key(depth: int) -> str:
    """The name by which a depth is logged: it sorts as the layers lie.

    >>> layer_key(5)
    '05_conv3_1'
    """
    return f"{depth:02d}_{NAMES[depth - 1]}"


class GlobalAveragePool(nn.Module):
    """Mean over height and width: [N, C, H, W] to [N, C]."""

    def forward(self, x: Tensor) -> Tensor:
        """Average each channel."""
        return x.mean(dim=(2, 3))


def _trunk(widths: Widths) -> nn.Sequential:
    layers: list[nn.Module] = []
    channels_in, outputs = 3, iter(widths.convolutions)
    for convolutions in CONVOLUTIONS:
        for channels in itertools.islice(outputs, convolutions):
            layers += [nn.Conv2d(channels_in, channels, 3, padding=1), nn.ReLU(inplace=True)]
            channels_in = channels
        layers.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*layers)


def _head(kind: HeadKind, labels: int, size: int, widths: Widths) -> nn.Sequential:
    channels, (first, second) = widths.convolutions[-1], widths.hidden
    if kind == "gap":
        return nn.Sequential(GlobalAveragePool(), nn.Linear(channels, labels))
    # torchvision pools to 7x7 first: the identity at 224 pixels, and without a deterministic
    # backward pass on CUDA. Here the first layer has the width that the input size gives it.
    side = size // 2 ** len(CONVOLUTIONS)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels * side * side, first),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(first, second),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(second, labels),
    )


class VGG16(nn.Module):
    """Thirteen convolutions (`features`, the trunk) and a head; the input size is fixed.

    Args:
        labels: width of the output.
        head: `gap`, global average pool and one linear layer, or `fc`, the original three layers.
        size: height and width of the input in pixels, a multiple of 32.
        widths: of its layers; narrower ones make a smaller network of the same depths.
    """

    def __init__(self, labels: int, head: HeadKind, size: int, widths: Widths = PUBLISHED):
        super().__init__()
        if len(widths.convolutions) != len(NAMES):
            raise ValueError(f"{len(widths.convolutions)} widths for {len(NAMES)} convolutions")
        self.features = _trunk(widths)
        self.head = _head(head, labels, size, widths)

    def forward(self, x: Tensor) -> Tensor:
        """Logits [N, labels] of inputs [N, 3, size, size]."""
        logits: Tensor = self.head(self.features(x))
        return logits

    def conv(self, depth: int) -> nn.Conv2d:
        """The convolution at a depth, 1 to 13."""
        layer = self.features[_conv_place(depth)]
        assert isinstance(layer, nn.Conv2d)
        return layer

    def split(self, trainable_from: int) -> tuple[nn.Sequential, nn.Sequential]:
        """What lies before a depth and what begins with it; 14 splits trunk from head.

        Both share their weights with the network; one after the other they are the network.
        """
        cut = _conv_place(trainable_from) if trainable_from < HEAD_ONLY else len(self.features)
        layers = list(self.features)
        return nn.Sequential(*layers[:cut]), nn.Sequential(*layers[cut:], self.head)

    def activations(self, x: Tensor) -> Iterator[tuple[int, Tensor]]:
        """Each depth with its post-ReLU output [N, C, H, W], from the first to the last."""
        depths = iter(DEPTHS)
        for layer in self.features:
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                yield next(depths), x


def _conv_place(depth: int) -> int:
    """The place of a depth's convolution in `features`.

    >>> [_conv_place(depth) for depth in (1, 3, 13)]
    [0, 5, 28]
    """
    convs_before = depth - 1
    block_ends = list(itertools.accumulate(CONVOLUTIONS))
    pools_before = sum(end <= convs_before for end in block_ends)
    return 2 * convs_before + pools_before


def initialise(network: VGG16, init: str, seed: int) -> None:
    """Draw all weights afresh, in place; biases become zero.

    `he`: normal with variance 2 / fan_out (He 2015; what torchvision draws for VGG).
    `xavier`: uniform (Glorot 2010). Linear layers are normal with deviation 0.01 in both.

    Raises:
        ValueError: there is no initialisation of this name.
    """
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            if init == "he":
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu", generator=generator
                )
            elif init == "xavier":
                nn.init.xavier_uniform_(module.weight, generator=generator)
            else:
                raise ValueError(f"no initialisation is called {init}")
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, HEAD_DEVIATION, generator=generator)
        else:
            continue
        assert module.bias is not None
        nn.init.zeros_(module.bias)
