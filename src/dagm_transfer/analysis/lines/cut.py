"""A network cut behind a depth: from grey images to its features, and from there to the logits."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16


@dataclass(frozen=True)
class Cut:
    """Both halves of a network; one after the other they are the network.

    Attributes:
        before: from inputs [N, 3, size, size] to the post-ReLU output [N, C, H, W] of a depth.
        after: from there to logits [N, labels].
        scale: of the inputs.
    """

    before: nn.Sequential
    after: nn.Sequential
    scale: InputScale

    def features(self, grey: Tensor) -> Tensor:
        """Post-ReLU output of grey levels 0..255, bytes or floats [N, 1, size, size]."""
        found: Tensor = self.before(to_input(grey, self.scale))
        return found

    def logits(self, features: Tensor) -> Tensor:
        """What the rest of the network makes of features."""
        found: Tensor = self.after(features)
        return found


def cut_behind(network: VGG16, depth: int, scale: InputScale) -> Cut:
    """Cut a network behind the ReLU of a depth, 1 to 13; a pool that follows goes to the rest.

    Its weights are no longer trained: what is asked of it are gradients of its input.
    """
    network.eval().requires_grad_(requires_grad=False)
    before, after = network.split(depth + 1)
    pools = 1 if isinstance(before[-1], nn.MaxPool2d) else 0
    kept = len(before) - pools
    return Cut(before[:kept], nn.Sequential(*before[kept:], *after), scale)


def pooled(features: Tensor) -> Tensor:
    """Mean over height and width: [N, C, H, W] to [N, C]. Linear: lines stay lines."""
    return features.mean(dim=(2, 3))


def on_line(a: Tensor, b: Tensor, steps: int) -> Tensor:
    """Evenly spaced places between two things of one shape, both ends among them.

    >>> on_line(torch.tensor([0.0]), torch.tensor([4.0]), 3).tolist()
    [[0.0], [2.0], [4.0]]
    """
    share = torch.linspace(0, 1, steps, device=a.device).view(-1, *[1] * a.ndim)
    return (1 - share) * a + share * b
