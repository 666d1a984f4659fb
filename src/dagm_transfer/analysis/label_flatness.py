"""Flatness label by label, where it is held against surrogates; the layer table has the means."""

from collections.abc import Iterator, Sequence

from dagm_transfer.analysis.layer_metrics import Layer
from dagm_transfer.analysis.layers import INITIAL
from dagm_transfer.metrics.flatness import Flatness

Row = dict[str, str | int | float]
COLUMNS = ("depth", "label", "metric", "value")


def label_flatness(layer: Layer, labels: Sequence[str]) -> Iterator[Row]:
    """The rows of one layer, after training and before it; none where it is not measured.

    Args:
        layer: of a run.
        labels: their names.
    """
    for moment, ending in ((layer.after, ""), (layer.before, INITIAL)):
        for label, found in moment.calibrated.items():
            for metric, value in _values(found).items():
                yield {
                    "depth": moment.depth,
                    "label": labels[label],
                    "metric": f"{metric}{ending}",
                    "value": value,
                }


def _values(found: Flatness) -> dict[str, float]:
    """By the names that the layer table has."""
    return {
        "flatness": found.discrepancy,
        "flatness_over_rotation": found.rotation.mean,
        "flatness_over_channels": found.channels.mean,
    }
