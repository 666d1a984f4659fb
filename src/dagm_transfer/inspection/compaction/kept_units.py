"""Which units of each layer are kept, by what they respond.

Units are those of responses.py: 13 layers of channels, and the two hidden layers of an `fc` head.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

Kept = Sequence[Tensor]  # of each layer the kept units, int64, ascending


def live_units(maxima: Sequence[Tensor]) -> Kept:
    """The units that ever respond: where the largest response exceeds 0.

    A layer has at least one unit: where all are dead the first stays, and responds 0 as before.

    Args:
        maxima: [units] a layer.

    >>> [kept.tolist() for kept in live_units([torch.tensor([0.0, 2.0, 1.0]), torch.zeros(4)])]
    [[1, 2], [0]]
    """
    return [
        torch.nonzero(each > 0)[:, 0] if bool((each > 0).any()) else torch.zeros(1).long()
        for each in maxima
    ]


def strongest_units(live: Kept, means: Sequence[Tensor], share: float) -> Kept:
    """Of the live units of each layer the share with the largest mean response, rounded up.

    Of equal ones the first is kept. Source: the mean activation of Molchanov et al. 2017 (Pruning
    convolutional neural networks for resource efficient inference), each layer by itself.

    Args:
        live: the units to choose from.
        means: [units] a layer, over all units.
        share: more than 0, at most 1.

    >>> live, means = [torch.tensor([0, 2, 3])], [torch.tensor([1.0, 9.0, 3.0, 2.0])]
    >>> [kept.tolist() for kept in strongest_units(live, means, 0.5)]
    [[2, 3]]
    """
    chosen = []
    for units, mean in zip(live, means, strict=True):
        ranked = units[torch.sort(mean[units], descending=True, stable=True).indices]
        # Rounded before it is rounded up: 0.1 * 30 is a little more than 3.
        count = math.ceil(round(share * len(units), 9))
        chosen.append(ranked[:count].sort().values)
    return chosen
