"""What each unit of a network responds while inputs stream through it.

A unit is a channel of a convolution, or one of a hidden layer of an `fc` head: what a ReLU lets
through. Maxima and sums run along, so memory does not grow with the inputs.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dagm_transfer.core.errors import UserError
from dagm_transfer.models.vgg16 import VGG16


class Responses:
    """Running maxima and sums of the units of some layers.

    Args:
        layers: how many there are.
    """

    def __init__(self, layers: int):
        self._maxima: list[Tensor | None] = [None] * layers
        self._sums: list[Tensor | None] = [None] * layers
        self._counts = [0] * layers

    def update(self, layer: int, output: Tensor) -> None:
        """Take the post-ReLU output of one layer, [N, units] or [N, units, H, W]."""
        each = [dim for dim in range(output.dim()) if dim != 1]
        largest, total = output.amax(dim=each), output.sum(dim=each, dtype=torch.float64)
        known, summed = self._maxima[layer], self._sums[layer]
        self._maxima[layer] = largest if known is None else torch.maximum(known, largest)
        self._sums[layer] = total if summed is None else summed + total
        self._counts[layer] += output.numel() // output.shape[1]

    def maxima(self) -> list[Tensor]:
        """The largest response of each unit, [units] a layer, on the CPU.

        Raises:
            UserError: one is no finite number, or nothing was shown.
        """
        return _finite(self._maxima)

    def means(self) -> list[Tensor]:
        """The mean response of each unit over inputs and places, [units] a layer, on the CPU.

        Raises:
            UserError: one is no finite number, or nothing was shown.
        """
        pairs = zip(self._sums, self._counts, strict=True)
        return _finite([None if total is None else total / count for total, count in pairs])


@contextmanager
def watched(network: VGG16) -> Iterator[Responses]:
    """What the network's units respond to all that it is shown for the time of a `with`."""
    relus = [layer for layer in (*network.features, *network.head) if isinstance(layer, nn.ReLU)]
    responses = Responses(len(relus))

    def take(layer: int, module: nn.Module, inputs: Any, output: Tensor) -> None:
        del module, inputs
        responses.update(layer, output)

    with ExitStack() as hooks:
        for layer, relu in enumerate(relus):
            hooks.callback(relu.register_forward_hook(partial(take, layer)).remove)
        yield responses


def _finite(found: Sequence[Tensor | None]) -> list[Tensor]:
    known = [each.cpu() for each in found if each is not None]
    if len(known) < len(found):
        raise UserError("no inputs to measure the network's responses on; `dvc repro` judges some")
    if not all(bool(each.isfinite().all()) for each in known):
        raise UserError(
            "the network's responses are no finite numbers: its training diverged; train it "
            "with a smaller learning rate"
        )
    return known
