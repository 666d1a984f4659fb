"""The layer metrics: of one moment of a layer, and of what training did to it.

A new one is a function in `metrics/` and a line in one of the tables below.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dagm_transfer.analysis.settings import Analysis
from dagm_transfer.metrics.cka import cka_inside_labels
from dagm_transfer.metrics.flatness import Flatness, calibrated_flatness, geodesic_discrepancy
from dagm_transfer.metrics.intrinsic_dimension import participation_ratio, two_nn
from dagm_transfer.metrics.matching import ChannelMatch, channel_match
from dagm_transfer.metrics.probe import (
    channels_needed,
    few_shot_accuracy,
    linear_probe_accuracy,
)
from dagm_transfer.metrics.sparsity import (
    dead_channel_share,
    dead_share_over,
    inactive_channel_share,
    treves_rolls,
)
from dagm_transfer.metrics.weight_change import weight_angle, weight_change_rate
from dagm_transfer.models.vgg16 import DEPTHS

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

WEAK = 0.01  # of the layer's largest response
GRAPH = 3  # times the neighbours of a point: the least that a graph of them has points
FEW = (5, 10)  # training inputs a label
SEED = 0  # of surrogates, shuffles and draws


@dataclass(frozen=True)
class Moment:
    """One layer as it responds at one moment.

    Attributes:
        depth: 1 to 13.
        settings: how it is measured.
        responses: [N, C], pooled, to the test inputs; `labels` are theirs.
        apart: rows of one test input an image: siblings would read as neighbours.
        train: [M, C], to the training inputs; `train_labels` are theirs.
        meters: what each meter counted over the test inputs at this depth.
    """

    depth: int
    settings: Analysis
    responses: Floats
    labels: Labels
    apart: Labels
    train: Floats
    train_labels: Labels
    meters: Mapping[str, Tensor]

    @property
    def is_finite(self) -> bool:
        """Whether the network of this moment has responses that are numbers."""
        return bool(np.isfinite(self.responses).all() and np.isfinite(self.train).all())

    def by_label(self, fewest: int = 1) -> dict[int, Floats]:
        """The responses to one test input an image, of each label that has at least so many."""
        labels, responses = self.labels[self.apart], self.responses[self.apart]
        parts = {int(label): responses[labels == label] for label in np.unique(labels)}
        return {label: part for label, part in parts.items() if len(part) >= fewest}

    @property
    def enough(self) -> int:
        """Images of a label below which a graph of nearest neighbours is no manifold."""
        return GRAPH * self.settings.n_neighbors + 1

    @cached_property
    def calibrated(self) -> dict[int, Flatness]:
        """The flatness of each label, where it is held against surrogates; else none."""
        k, surrogates = self.settings.n_neighbors, self.settings.surrogates
        if self.depth not in self.settings.calibrated or not self.is_finite:
            return {}
        return {
            label: calibrated_flatness(part, k, surrogates, SEED)
            for label, part in self.by_label(self.enough).items()
        }


@dataclass(frozen=True)
class Layer:
    """One layer before and after training; `kernels` are its weights then."""

    kernels: tuple[Tensor, Tensor]
    before: Moment
    after: Moment

    @property
    def apart(self) -> tuple[Floats, Floats, Labels]:
        """Responses before and after training to one input an image, and their labels."""
        rows = self.after.apart
        return self.before.responses[rows], self.after.responses[rows], self.after.labels[rows]

    @cached_property
    def match(self) -> ChannelMatch:
        """The channels after training among those before it."""
        return channel_match(*self.apart, SEED)


def sparsity(moment: Moment) -> float:
    """Dead channels over channels."""
    return dead_channel_share(moment.meters["channel_maxima"])


def weak_channels(moment: Moment) -> float:
    """Channels whose largest response is below 1 % of the layer's."""
    maxima = moment.meters["channel_maxima"]
    return dead_channel_share(maxima, WEAK * float(maxima.max()))


def inactive_channels(moment: Moment) -> float:
    """Channels silent in one image: the mean of responses after a ReLU is 0 where all are."""
    return inactive_channel_share(torch.from_numpy(moment.responses))


def probe_accuracy(moment: Moment) -> float:
    """Of a linear classifier of the labels, fitted on training inputs."""
    return linear_probe_accuracy(moment.train, moment.train_labels, moment.responses, moment.labels)


def probe_accuracy_of(per_label: int, moment: Moment) -> float:
    """Of one fitted on so few training inputs a label, the mean over draws."""
    return few_shot_accuracy(
        moment.train, moment.train_labels, moment.responses, moment.labels,
        per_label=per_label, draws=moment.settings.probe_draws, seed=SEED,
    )  # fmt: skip


def flatness(moment: Moment) -> float:
    """Raw geodesic discrepancy, the mean over labels: it grows with the dimension."""
    k = moment.settings.n_neighbors
    return _mean_over(moment.by_label(moment.enough), lambda one: geodesic_discrepancy(one, k))


def channels_for_the_probe(moment: Moment) -> float:
    """Channels that the probe needs for 98 % of its accuracy with all; at the last depth alone."""
    if moment.depth != DEPTHS[-1]:
        return math.nan
    return float(
        channels_needed(moment.train, moment.train_labels, moment.responses, moment.labels)
    )


def cka_to_start(layer: Layer) -> float:
    """Debiased linear CKA of the responses before and after training, inside labels.

    On one input an image.
    """
    return cka_inside_labels(*layer.apart)


def _mean_over(by_label: Mapping[int, Any], metric: Callable[[Any], float]) -> float:
    """The mean over the labels that have a value; NaN where none has."""
    found = [value for value in map(metric, by_label.values()) if math.isfinite(value)]
    return float(np.mean(found)) if found else math.nan


# Of one moment: told after training, and under NAME_initial before it. The control is the source
# trunk for transfer and a fresh trunk for scratch.
OF_A_MOMENT: Mapping[str, Callable[[Moment], float]] = {
    "sparsity": sparsity,
    "inactive_channels": inactive_channels,
    "dead_over_10": lambda moment: dead_share_over(torch.from_numpy(moment.responses), 10),
    "dead_over_100": lambda moment: dead_share_over(torch.from_numpy(moment.responses), 100),
    "weak_channels": weak_channels,
    "zero_share": lambda moment: float(moment.meters["zero_share"]),
    "treves_rolls": lambda moment: treves_rolls(torch.from_numpy(moment.responses)),
    "probe_accuracy": probe_accuracy,
    **{f"probe_accuracy_{count}": partial(probe_accuracy_of, count) for count in FEW},
    "channels_needed": channels_for_the_probe,
    "intrinsic_dimension": lambda moment: _mean_over(moment.by_label(), two_nn),
    "participation_ratio": lambda moment: _mean_over(moment.by_label(), participation_ratio),
    "flatness": flatness,
    "flatness_over_rotation": lambda m: _mean_over(m.calibrated, lambda one: one.rotation.mean),
    "flatness_over_channels": lambda m: _mean_over(m.calibrated, lambda one: one.channels.mean),
}
# Of what training did.
OF_A_CHANGE: Mapping[str, Callable[[Layer], float]] = {
    "weight_change": lambda layer: weight_change_rate(*layer.kernels),
    "weight_angle": lambda layer: weight_angle(*layer.kernels),
    "cka_to_start": cka_to_start,
    "matched_own": lambda layer: layer.match.own,
    "match_correlation": lambda layer: layer.match.correlation,
    "match_floor": lambda layer: layer.match.floor,
}
