"""What a trained network is worth: test inputs, and whole images, against thresholds from val."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.metrics.accuracy import accuracy, balanced_accuracy
from dagm_transfer.metrics.detection import (
    average_precision,
    defect_score,
    judge,
)
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.evaluate import logits_of
from dagm_transfer.training.feed import pixel_feed
from dagm_transfer.training.windows import Windowing, image_score, image_texture, window_logits

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """Scores (log-odds of defective) and predicted labels of some images, against the truth."""

    scores: Floats
    predicted: Labels
    labels: Labels

    @property
    def defective(self) -> NDArray[np.bool_]:
        """The truth: labels are `2 * texture_index + defective`."""
        return np.asarray(self.labels % 2 == 1)


def judge_inputs(
    network: VGG16, inputs: Inputs, scale: InputScale, batch_size: int, device: torch.device
) -> Judged:
    """Each input judged by its largest logit."""
    feed = pixel_feed(inputs, torch.nn.Sequential(), scale, device)
    logits = logits_of(network, feed, batch_size).cpu().double().numpy()
    return Judged(_finite(defect_score(logits)), logits.argmax(1), inputs.labels)


def judge_wholes(
    network: VGG16,
    wholes: Inputs,
    windowing: Windowing,
    device: torch.device,
    on_image: Callable[[int, int], None],
) -> Judged:
    """Each whole image judged by its windows; `predicted` holds normal labels only.

    Whether it is defective takes a threshold (see `with_threshold`).
    """
    logits = window_logits(network, wholes, windowing, device, on_image)
    scores = np.array([image_score(image) for image in logits])
    textures = np.array([image_texture(image) for image in logits], dtype=np.int64)
    return Judged(_finite(scores), 2 * textures, wholes.labels)


def with_threshold(judged: Judged, threshold: float) -> Judged:
    """The same with `defective` set from the threshold on."""
    predicted = judged.predicted // 2 * 2 + (judged.scores >= threshold)
    return Judged(judged.scores, predicted, judged.labels)


def detection_metrics(prefix: str, test: Judged, threshold: float) -> dict[str, float]:
    """The detection metrics under `prefix/`, with a threshold that was set on validation.

    Rates and average precisions of which there are no images are left out.
    """
    found = judge(test.scores, test.defective, threshold)
    metrics = {
        "accuracy": accuracy(test.predicted, test.labels),
        "balanced_accuracy": balanced_accuracy(test.predicted, test.labels),
        "defect_tpr": found.defect_tpr,
        "defect_tnr": found.defect_tnr,
        "defect_ap": average_precision(test.scores, test.defective),
        "dagm_cost": found.dagm_cost,
        "threshold": found.threshold,
    }
    return {f"{prefix}/{name}": v for name, v in metrics.items() if math.isfinite(v)}


def judged_rows(images: list[str], judged: Judged) -> Iterator[dict[str, str | int | float]]:
    """One row an image: what it is, what it was judged to be, and its score."""
    for image, label, predicted, score in zip(
        images, judged.labels, judged.predicted, judged.scores, strict=True
    ):
        yield {
            "image": image,
            "label": int(label),
            "judged": int(predicted),
            "score": float(score),
        }


def _finite(scores: Floats) -> Floats:
    """Scores of a diverged network can be NaN: they rank as normal."""
    lowest = float(np.finfo(np.float32).min)
    return np.clip(np.where(np.isnan(scores), lowest, scores), lowest, -lowest)
