"""A network of some units of another: through the trunk, and into the head."""

import torch
from torch import Tensor, nn

from dagm_transfer.inspection.compaction.kept_units import Kept
from dagm_transfer.inspection.layer_sizes import linears
from dagm_transfer.judging.card import Card
from dagm_transfer.models.vgg16 import CONVOLUTIONS, DEPTHS, NAMES, VGG16, Widths


def narrowed(network: VGG16, card: Card, kept: Kept) -> VGG16:
    """A new network with the kept units alone, in evaluation mode.

    What is left out is what the other units made, and what was made of them. Where those respond
    0 to an input, the logits are the same but for the order in which they are summed.

    Args:
        network: to take from; it is left as it is.
        card: of that network.
        kept: units of each convolution, and of an `fc` head's two hidden layers.
    """
    trunk, hidden = kept[: len(NAMES)], kept[len(NAMES) :]
    sizes = [len(units) for units in hidden] or card.hidden
    widths = Widths(tuple(len(units) for units in trunk), (sizes[0], sizes[1]))
    small = VGG16(2 * len(card.groups), card.head, card.size, widths)
    with torch.no_grad():
        before = torch.arange(network.conv(1).in_channels)
        for depth, units in zip(DEPTHS, trunk, strict=True):
            _copy(network.conv(depth), small.conv(depth), units, before)
            before = units
        if hidden:  # flattened, each channel is side * side columns
            area = (card.size // 2 ** len(CONVOLUTIONS)) ** 2
            before = (before[:, None] * area + torch.arange(area)).flatten()
        labels = torch.arange(2 * len(card.groups))
        pairs = zip(linears(network), linears(small), strict=True)
        for (old, new), units in zip(pairs, [*hidden, labels], strict=True):
            _copy(old, new, units, before)
            before = units
    return small.to(memory_format=torch.channels_last).eval()


def widths_of(network: VGG16, card: Card) -> Widths:
    """The widths of a network; an average-pool head has no hidden layers, the card's stay."""
    hidden = [layer.out_features for layer in linears(network)][:-1] or card.hidden
    convolutions = tuple(network.conv(depth).out_channels for depth in DEPTHS)
    return Widths(convolutions, (hidden[0], hidden[1]))


def _copy(
    old: nn.Conv2d | nn.Linear, new: nn.Conv2d | nn.Linear, outputs: Tensor, inputs: Tensor
) -> None:
    assert old.bias is not None
    assert new.bias is not None
    new.weight.copy_(old.weight.cpu()[outputs][:, inputs])
    new.bias.copy_(old.bias.cpu()[outputs])
