"""The layer table of one run: every layer metric at every depth, and what sums it up."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from dagm_transfer.analysis.layer_metrics import OF_A_CHANGE, OF_A_MOMENT, Layer, Moment
from dagm_transfer.analysis.meters.features import AFTER, BEFORE, Features, When
from dagm_transfer.analysis.settings import Analysis
from dagm_transfer.models.vgg16 import DEPTHS, NAMES, VGG16

COLUMNS = ("depth", "name", "metric", "value")
GROUPS = {"layers_last": range(13, 14), "layers_1_7": range(1, 8), "layers_8_13": range(8, 14)}
INITIAL = "_initial"  # ends the name of a metric of the moment before training
WEIGHTS = ("weight_change", "weight_angle")  # known also of a network that responds with NaN


@dataclass(frozen=True)
class LayerValue:
    """One metric at one depth; NaN where there is none, as of a network that is not finite."""

    depth: int
    metric: str
    value: float

    @property
    def row(self) -> dict[str, str | int | float]:
        """As a row of the table."""
        name = NAMES[self.depth - 1]
        return {"depth": self.depth, "name": name, "metric": self.metric, "value": self.value}


def layers_of(
    initial: VGG16, final: VGG16, features: Features, settings: Analysis
) -> Iterator[Layer]:
    """The layers of one run, before and after training, depth by depth.

    Args:
        initial: the network before training.
        final: the network after it.
        features: what both respond.
        settings: how they are measured.
    """
    for depth in DEPTHS:
        yield Layer(
            (kernel_of(initial, depth), kernel_of(final, depth)),
            moment_of(features, BEFORE, depth, settings),
            moment_of(features, AFTER, depth, settings),
        )


def layer_values(layer: Layer) -> Iterator[LayerValue]:
    """All layer metrics of one layer."""
    depth = layer.after.depth
    for name, value in of_change(layer).items():
        yield LayerValue(depth, name, value)
    after, before = of_moment(layer.after), of_moment(layer.before)
    for name in OF_A_MOMENT:
        yield LayerValue(depth, name, after[name])
        yield LayerValue(depth, f"{name}{INITIAL}", before[name])


def of_change(layer: Layer) -> dict[str, float]:
    """What training did to a layer; NaN where a response is no number."""
    finite = layer.before.is_finite and layer.after.is_finite
    return {
        name: metric(layer) if finite or name in WEIGHTS else math.nan
        for name, metric in OF_A_CHANGE.items()
    }


def of_moment(moment: Moment) -> dict[str, float]:
    """What a layer is at one moment; NaN where a response is no number."""
    return {
        name: metric(moment) if moment.is_finite else math.nan
        for name, metric in OF_A_MOMENT.items()
    }


def moment_of(features: Features, when: When, depth: int, settings: Analysis) -> Moment:
    """A layer as it responded then."""
    return Moment(
        depth=depth,
        settings=settings,
        responses=features.responses(when, "test", depth),
        labels=features.labels("test"),
        apart=features.apart("test"),
        train=features.responses(when, "train", depth),
        train_labels=features.labels("train"),
        meters=features.meters(when, "test", depth),
    )


def kernel_of(network: VGG16, depth: int) -> Tensor:
    """The weights of a depth."""
    return network.conv(depth).weight.detach()


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
