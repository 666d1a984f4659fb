"""What a network sees on the line between two inputs, in its features and in their pixels."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor

from dagm_transfer.analysis.lines.cut import Cut, on_line, pooled
from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.metrics.interpolation import (
    coexistence_at_margin,
    coexistence_index,
    third_label_mass,
)
from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16

Floats = NDArray[np.float64]

MARGIN = 5.0  # between the logits at the ends, at which networks are compared
PLACES = 21  # on a line that is put in numbers
FINER = 16  # times as many: both labels are seen in a short stretch alone, which few would miss
BATCH = 32


def responses(
    network: VGG16, scale: InputScale, grey: Tensor, depths: Sequence[int]
) -> dict[int, Floats]:
    """Pooled features [N, C] of grey levels [N, 1, size, size] at some depths, in one pass."""
    found: dict[int, list[Tensor]] = {depth: [] for depth in depths}
    for part in torch.split(grey, BATCH):
        with torch.inference_mode():
            for depth, output in network.activations(to_input(part, scale)):
                if depth in found:
                    found[depth].append(pooled(output).cpu())
                if depth == max(depths):
                    break
    return {depth: torch.cat(parts).double().numpy() for depth, parts in found.items()}


def logits_of(network: VGG16, scale: InputScale, grey: Tensor) -> Floats:
    """Logits [N, labels] of grey levels [N, 1, size, size]."""
    with torch.inference_mode():
        found = [network(to_input(part, scale)).cpu() for part in torch.split(grey, BATCH)]
    return torch.cat(found).double().numpy()


def line_logits(cut: Cut, a: Tensor, b: Tensor) -> Floats:
    """Logits [PLACES, labels] along the line between the features [C, H, W] of two inputs."""
    with torch.inference_mode():
        found: Floats = cut.logits(on_line(a, b, PLACES)).double().cpu().numpy()
    return found


def line_metrics(logits: Floats, a: int, b: int) -> dict[str, float]:
    """What one line says, with its logits taken as straight from place to place.

    Args:
        logits: [steps, labels], from an input of label `a` to one of label `b`.
        a: label at the first place.
        b: label at the last place.
    """
    places = np.arange(len(logits))
    fine = np.linspace(0, places[-1], FINER * places[-1] + 1)
    logits = np.stack([np.interp(fine, places, column) for column in logits.T], axis=1)
    probabilities = softmax(logits, axis=1)
    margins = (logits[0, a] - logits[0, b], logits[-1, b] - logits[-1, a])
    return {
        "coexistence": coexistence_index(probabilities[:, a], probabilities[:, b]),
        "coexistence_at_margin": coexistence_at_margin(logits, a, b, MARGIN),
        # Third labels take from both: where they are strong, little is left that could coexist.
        "coexistence_of_two": coexistence_at_margin(logits[:, [a, b]], 0, 1, MARGIN),
        "third_labels": third_label_mass(logits, a, b),
        "margin": float(np.mean(margins)),
        "ends_right": float(np.mean([logits[0].argmax() == a, logits[-1].argmax() == b])),
    }


def mean_metrics(lines: Iterable[Floats], a: int, b: int) -> dict[str, float]:
    """The metrics of several lines, each a mean over those that have it; NaN where none has."""
    found = [line_metrics(logits, a, b) for logits in lines]
    return {name: finite_mean([one[name] for one in found]) for name in found[0]}


def mean_curve(lines: Sequence[Floats], a: int, b: int) -> list[Mapping[str, float]]:
    """For each place the probabilities of both labels and of all third ones, means over lines."""
    mean = np.mean([softmax(logits, axis=1) for logits in lines], axis=0)
    return [{"p_a": row[a], "p_b": row[b], "third": row.sum() - row[a] - row[b]} for row in mean]
