"""The layer metrics of one run: from its weights, and from what the meters found."""

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


def channel_metrics(features: Mapping[str, Tensor]) -> Iterator[LayerValue]:
    """How much of each layer the data use.

    `_initial` is the control: the same data through the network before training, that is the
    source trunk for transfer and a fresh trunk for scratch.

    Args:
        features: the channel maxima [N, C] of every depth (see analysis/meters), `before` and
            `after` training.
    """
    for depth in DEPTHS:
        for when, suffix in (("after", ""), ("before", "_initial")):
            maxima = features[f"{when}/channel_maxima/{layer_key(depth)}"]
            dead = _unless_nan(dead_channel_share, maxima.amax(dim=0))
            active = _unless_nan(active_channel_share, maxima)
            yield LayerValue(depth, f"sparsity{suffix}", dead)
            yield LayerValue(depth, f"active_channels{suffix}", active)


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


def _unless_nan(metric: Callable[[Tensor], float], maxima: Tensor) -> float:
    """A metric of channel maxima; NaN where a diverged network has none."""
    return math.nan if maxima.isnan().any() else metric(maxima)
