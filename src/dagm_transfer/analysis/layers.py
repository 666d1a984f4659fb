"""The layer metrics of one run: from its weights, and from what the meters found."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor

from dagm_transfer.metrics.sparsity import active_channel_share, dead_channel_share
from dagm_transfer.metrics.weight_change import weight_angle, weight_change_rate
from dagm_transfer.models.vgg16 import DEPTHS, NAMES, VGG16, layer_key

COLUMNS = ("depth", "name", "metric", "value")
GROUPS = {"layers_last": range(13, 14), "layers_1_7": range(1, 8), "layers_8_13": range(8, 14)}


@dataclass(frozen=True)
class LayerValue:
    """One metric at one depth; NaN where a network that is not finite has none."""

    depth: int
    metric: str
    value: float

    @property
    def row(self) -> dict[str, str | int | float]:
        """As a row of the table."""
        name = NAMES[self.depth - 1]
        return {"depth": self.depth, "name": name, "metric": self.metric, "value": self.value}


def weight_metrics(initial: VGG16, final: VGG16) -> Iterator[LayerValue]:
    """How far each layer's kernels went."""
    for depth in DEPTHS:
        before, after = (network.conv(depth).weight.detach() for network in (initial, final))
        yield LayerValue(depth, "weight_change", weight_change_rate(before, after))
        yield LayerValue(depth, "weight_angle", weight_angle(before, after))


def response_metrics(features: Mapping[str, Tensor]) -> Iterator[LayerValue]:
    """How much of each layer the data use: the metrics of what the meters found.

    `_initial` is the control: the same data through the network before training, that is the
    source trunk for transfer and a fresh trunk for scratch. A meter that has no metrics of its own
    in `METRICS` is its own metric, the mean over what it found at a depth.

    Args:
        features: what each meter found `before` and `after` training, as `WHEN/METER/LAYER` (see
            stages/features.py).
    """
    meters = dict.fromkeys(name.split("/")[1] for name in features)
    for depth, meter in itertools.product(DEPTHS, meters):
        for when, suffix in (("after", ""), ("before", "_initial")):
            found = features[f"{when}/{meter}/{layer_key(depth)}"]
            for name, metric in METRICS.get(meter, {meter: _mean}).items():
                yield LayerValue(depth, f"{name}{suffix}", _unless_nan(metric, found))


def _mean(found: Tensor) -> float:
    return float(found.double().mean())


# What is made of a meter's result: of channel maxima, [N, C] at a depth.
METRICS: Mapping[str, Mapping[str, Callable[[Tensor], float]]] = {
    "channel_maxima": {
        "sparsity": lambda maxima: dead_channel_share(maxima.amax(dim=0)),
        "active_channels": active_channel_share,
    }
}


def grouped(values: list[LayerValue]) -> dict[str, float]:
    """Each metric at the last convolution, and its means over depths 1-7 and 8-13.

    Means over values of which one is not finite are left out.

    >>> values = [LayerValue(depth, "sparsity", depth / 10) for depth in DEPTHS]
    >>> round(grouped(values)["layers_1_7/sparsity"], 6)
    0.4
    """
    found: dict[str, float] = {}
    for metric in dict.fromkeys(value.metric for value in values):
        by_depth = {value.depth: value.value for value in values if value.metric == metric}
        for name, depths in GROUPS.items():
            mean = math.fsum(by_depth[depth] for depth in depths) / len(depths)
            if math.isfinite(mean):
                found[f"{name}/{metric}"] = mean
    return found


def _unless_nan(metric: Callable[[Tensor], float], found: Tensor) -> float:
    """A metric of what a meter found; NaN where a diverged network has none."""
    return math.nan if found.isnan().any() else metric(found)
