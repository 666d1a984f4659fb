"""Two trained runs side by side: their responses, the line between their weights, their distance.

Source: Neyshabur, Sedghi, Zhang 2020. Two networks share a basin where the loss does not rise along
the straight line between them, the head included. Small steps from one source are trivially so:
hence the distance.
"""

import copy
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.metrics.barrier import loss_barrier
from dagm_transfer.metrics.cka import cka_inside_labels
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import DEPTHS, VGG16
from dagm_transfer.training.evaluate import logits_of, loss_and_accuracy
from dagm_transfer.training.feed import Prefix, feed_of_pixels

Floats = NDArray[np.float64]
Pooled = Callable[[int], Floats]  # pooled responses [N, C] of a depth
Key = tuple[str, int]  # variant and seed
PART: Final = "test"


class Place(NamedTuple):
    """A network on the line; NaN where its loss is not finite, or means nothing."""

    t: float  # 0: the first run, 1: the second
    loss: float
    accuracy: float


def pairs_of(
    variants: Sequence[str],
    compared: Sequence[str],
    seeds: Sequence[int],
    seed: int,
    alike: Sequence[str] = (),
) -> list[tuple[Key, Key]]:
    """Which runs of a seed are compared with which: each with the seed before it, then with others.

    Those are the variants of the study that are laid side by side, and those that began with the
    same draw: what two from one source have in common, such may have as well.

    Args:
        variants: of the study.
        compared: those laid side by side.
        seeds: of the study.
        seed: one of them.
        alike: those that begin with the draw of their seed.

    >>> pairs_of(["scratch", "finetune"], ["scratch", "finetune"], [0, 1], 0)
    [(('scratch', 0), ('finetune', 0))]
    >>> pairs_of(["scratch"], [], [0, 1, 2], 2)
    [(('scratch', 1), ('scratch', 2))]
    >>> pairs_of(["a", "b"], [], [0], 0, alike=["a", "b"])
    [(('a', 0), ('b', 0))]
    """
    place = [*seeds].index(seed)
    again = [((v, seeds[place - 1]), (v, seed)) for v in variants] if place else []
    beside = [
        pair
        for named in (compared, alike)
        for pair in itertools.combinations([name for name in named if name in variants], 2)
    ]
    return [*again, *(((a, seed), (b, seed)) for a, b in dict.fromkeys(beside))]


def cka_between(a: Pooled, b: Pooled, labels: NDArray[np.int64]) -> list[float]:
    """The CKA of two runs at each depth, inside labels; NaN where a response is not finite.

    Before training it is the floor: of two fresh networks, or of the source trunk with itself.

    Args:
        a: the pooled responses [N, C] of one at each depth.
        b: of the other, to the same inputs.
        labels: of those, [N].
    """
    return [_cka_at(a(depth), b(depth), labels) for depth in DEPTHS]


def _cka_at(x: Floats, y: Floats, labels: NDArray[np.int64]) -> float:
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return math.nan
    return cka_inside_labels(x, y, labels)


def along_the_line(
    a: VGG16,
    b: VGG16,
    inputs: Inputs,
    points: int,
    *,
    scales: tuple[InputScale, InputScale],
    batch_size: int,
    device: torch.device,
) -> Iterator[Place]:
    """Loss and accuracy of the networks (1 - t) a + t b, all weights, at evenly spaced t.

    Args:
        a: at t = 0; both are in evaluation mode and of one shape.
        b: at t = 1.
        inputs: that they are shown.
        points: places, both ends among them.
        scales: of the inputs that each was trained on; where they differ no network between the two
            is fit for either, and nothing is told.
        batch_size: of inputs.
        device: where the networks run.
    """
    between = copy.deepcopy(a).to(device)
    prefix = Prefix(between, 1, scales[0], batch_size, never_changes=True)
    feed = feed_of_pixels(inputs, prefix, device)
    weights = [_weights(network, device) for network in (a, b, between)]
    for t in (place / (points - 1) for place in range(points)):
        if scales[0] != scales[1]:
            yield Place(t, math.nan, math.nan)
            continue
        for first, second, mixed in zip(*weights, strict=True):
            mixed.copy_(torch.lerp(first, second, t))
        logits = logits_of(between, feed, batch_size)
        loss, accuracy = loss_and_accuracy(logits, feed.labels)
        finite = math.isfinite(loss)
        yield Place(t, loss, accuracy) if finite else Place(t, math.nan, math.nan)


def _weights(network: VGG16, device: torch.device) -> list[Tensor]:
    return [weight.detach().to(device) for weight in network.parameters()]


def in_sum(a: VGG16, b: VGG16, places: Sequence[Place]) -> dict[str, float]:
    """What sums up a pair.

    `barrier_loss` and `barrier_accuracy` are the heights over the chord of the loss and of the
    share of wrong labels; `distance` is ||a - b|| over the trunks' weights and biases, and
    `relative_distance` that over ||a||. NaN where something is not finite.
    """
    first, second = (
        torch.cat([weight.detach().flatten().double() for weight in network.features.parameters()])
        for network in (a, b)
    )
    distance, norm = float((first - second).norm()), float(first.norm())
    finite = math.isfinite(distance) and math.isfinite(norm)
    return {
        "barrier_loss": loss_barrier(np.array([place.loss for place in places])),
        "barrier_accuracy": loss_barrier(np.array([1 - place.accuracy for place in places])),
        "distance": distance if finite else math.nan,
        "relative_distance": distance / norm if finite and norm > 0 else math.nan,
    }
