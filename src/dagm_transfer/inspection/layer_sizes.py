"""How large each layer of a network is, and how much it multiplies."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from dagm_transfer.core.tables import Cell
from dagm_transfer.models.vgg16 import DEPTHS, NAMES, VGG16, layer_key

COLUMNS = (
    "layer", "channels", "channels_kept", "parameters", "parameters_kept", "multiply_adds",
    "multiply_adds_kept",
)  # fmt: skip


@dataclass(frozen=True)
class LayerSize:
    """One layer.

    Attributes:
        layer: `01_conv1_1` to `13_conv5_3`, then `head_1`, and `head_2` and `head_3` of `fc`.
        channels: outputs of a convolution, or of a fully connected layer.
        parameters: weights and biases.
        multiply_adds: of one window, biases apart; a multiply-add is two operations (FLOPs).
    """

    layer: str
    channels: int
    parameters: int
    multiply_adds: int


def layer_sizes(network: VGG16, size: int) -> list[LayerSize]:
    """Every layer that has parameters, in the order that they run.

    Args:
        network: any widths.
        size: of its input, in pixels.

    >>> import torch
    >>> with torch.device("meta"):  # shapes alone
    ...     vgg = VGG16(1000, "fc", 224)
    >>> whole = total(layer_sizes(vgg, 224))
    >>> whole.parameters, round(whole.multiply_adds / 1e9, 1)
    (138357544, 15.5)
    """
    found = []
    for depth in DEPTHS:
        conv = network.conv(depth)
        side = size >> (int(NAMES[depth - 1][len("conv")]) - 1)  # a pool ends each block
        kernels = conv.weight.numel()
        found.append(
            LayerSize(
                layer_key(depth),
                conv.out_channels,
                kernels + conv.out_channels,
                kernels * side * side,
            )
        )
    for place, layer in enumerate(linears(network), start=1):
        weights = layer.weight.numel()
        found.append(
            LayerSize(f"head_{place}", layer.out_features, weights + layer.out_features, weights)
        )
    return found


def linears(network: VGG16) -> list[nn.Linear]:
    """The fully connected layers of the head, one or three."""
    return [layer for layer in network.head if isinstance(layer, nn.Linear)]


def size_rows(before: Sequence[LayerSize], after: Sequence[LayerSize]) -> list[dict[str, Cell]]:
    """A row a layer, what it was and what is kept of it; the last row is the sum of all.

    Args:
        before: of a network.
        after: of a smaller one of the same layers.
    """
    pairs = [*zip(before, after, strict=True), (total(before), total(after))]
    return [
        {
            "layer": old.layer,
            "channels": old.channels, "channels_kept": new.channels,
            "parameters": old.parameters, "parameters_kept": new.parameters,
            "multiply_adds": old.multiply_adds, "multiply_adds_kept": new.multiply_adds,
        }
        for old, new in pairs
    ]  # fmt: skip


def total(layers: Sequence[LayerSize]) -> LayerSize:
    """Of all layers; channels are those of the convolutions: the filters."""
    return LayerSize(
        "sum",
        sum(each.channels for each in layers[: len(NAMES)]),
        sum(each.parameters for each in layers),
        sum(each.multiply_adds for each in layers),
    )
