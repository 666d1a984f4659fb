"""The network that a student starts with: He's draw, each layer scaled to answer alike.

He's draw keeps the strength of answers where layers are wide; of few channels it depends on which
were drawn. So each layer is divided by the root mean square of its answers to training inputs, as
Mishkin and Matas (2016) do, and students of all widths start alike.
"""

import torch
from torch import Tensor

from dagm_transfer.models.initial import initial_network
from dagm_transfer.models.vgg16 import DEPTHS, VGG16, HeadKind, Widths


def student_at_start(
    *, seed: int, labels: int, head: HeadKind, size: int, widths: Widths, inputs: Tensor
) -> VGG16:
    """The network before training; the same call gives the same weights.

    Args:
        seed: of the drawing.
        labels: width of the output.
        head: kind of head.
        size: input height and width in pixels.
        widths: of the layers.
        inputs: [N, 3, size, size], some that it is going to train on.
    """
    network = initial_network(
        init="he", seed=seed, labels=labels, head=head, size=size, trunk={}, widths=widths
    )
    _scale_layers(network, inputs)
    return network


@torch.no_grad()
def _scale_layers(network: VGG16, inputs: Tensor) -> None:
    """Have the next layer take in a root mean square of one, in place; biases are zero."""
    answers = inputs
    for depth in DEPTHS:
        layers, _ = network.split(depth + 1)
        answers = layers(inputs)
        strength = answers.square().mean().sqrt()
        if strength > 0:
            network.conv(depth).weight.div_(strength)
