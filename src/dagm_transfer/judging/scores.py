"""What images were judged to be, against the truth: by the largest logit, and from a threshold on.

Everything here is numpy; images come in one by one, so that they may differ in size.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.judging.windows import (
    Bytes,
    Corner,
    Floats,
    Logits,
    Windows,
    image_label,
    image_score,
)
from dagm_transfer.metrics.accuracy import accuracy, balanced_accuracy
from dagm_transfer.metrics.detection import (
    Costs,
    average_precision,
    cost_of,
    defect_score,
    rates,
)

Labels = NDArray[np.int64]
COLUMNS = ("part", "kind", "image", "label", "judged", "judged_at_threshold", "score")


WINDOW_COLUMNS = ("part", "image", "left", "top", "score")


@dataclass(frozen=True)
class JudgedWindows:
    """The windows of one image: their corners, and the log-odds of defective of each."""

    corners: Sequence[Corner]
    scores: Floats


@dataclass(frozen=True)
class Judged:
    """Some images as they were judged.

    Attributes:
        images: the name of each; patches have that of the image they were cut from.
        labels: the truth, `2 * group_index + defective`.
        predicted: labels by the largest logit.
        scores: log-odds of defective.
        windows: of each image that was judged by windows, what they were.
    """

    images: Sequence[str]
    labels: Labels
    predicted: Labels
    scores: Floats
    windows: Sequence["JudgedWindows"] = ()

    @property
    def defective(self) -> NDArray[np.bool_]:
        """The truth."""
        return np.asarray(self.labels % 2 == 1)

    def predicted_at(self, threshold: float) -> Labels:
        """Labels where an image counts as defective from a threshold on its score on."""
        return np.asarray(self.predicted // 2 * 2 + (self.scores >= threshold), dtype=np.int64)


def judge_inputs(logits: Logits, pixels: Bytes, labels: Labels, images: Sequence[str]) -> Judged:
    """Each input [N, size, size] judged by itself."""
    found = logits(pixels)
    return Judged(images, labels, found.argmax(axis=1), _finite(defect_score(found)))


def judge_images(
    logits: Logits,
    pixels: Iterable[Bytes],
    labels: Labels,
    images: Sequence[str],
    *,
    size: int,
    stride: int,
) -> Judged:
    """Each whole image [H, W] judged by its windows; their sizes may differ."""
    found: list[Floats] = []
    judged: list[JudgedWindows] = []
    for image in pixels:
        cut = Windows.of(image, size=size, stride=stride)
        found.append(cut.logits(logits))
        judged.append(JudgedWindows(cut.corners, _finite(defect_score(found[-1]))))
    return replace(judged_of_windows(found, labels, images), windows=judged)


def judged_of_windows(found: Sequence[Floats], labels: Labels, images: Sequence[str]) -> Judged:
    """Images as the logits [windows, labels] of each one's windows judge them."""
    return Judged(
        images,
        labels,
        np.array([image_label(each) for each in found], dtype=np.int64),
        _finite(np.array([image_score(each) for each in found], dtype=float)),
    )


def detection_metrics(
    prefix: str, judged: Judged, threshold: float, costs: Costs
) -> dict[str, float]:
    """The detection metrics under `prefix/`, with a threshold that was set on validation.

    Accuracies and rates stand twice: at the largest logit, and `_at_threshold`. The cost is at the
    threshold. Rates and average precisions of which there are no images are left out.
    """
    metrics = {"defect_ap": average_precision(judged.scores, judged.defective)}
    for suffix, predicted in (
        ("", judged.predicted),
        ("_at_threshold", judged.predicted_at(threshold)),
    ):
        found = rates(predicted % 2 == 1, judged.defective)
        metrics |= {
            f"accuracy{suffix}": accuracy(predicted, judged.labels),
            f"balanced_accuracy{suffix}": balanced_accuracy(predicted, judged.labels),
            f"defect_tpr{suffix}": found.defect_tpr,
            f"defect_tnr{suffix}": found.defect_tnr,
        }
    metrics |= {
        "dagm_cost": cost_of(judged.scores >= threshold, judged.defective, costs),
        "threshold": threshold,
    }
    return {f"{prefix}/{name}": v for name, v in metrics.items() if math.isfinite(v)}


def judged_rows(
    part: str, kind: str, judged: Judged, threshold: float
) -> Iterator[dict[str, str | int | float]]:
    """One row an image: what it is, what it was judged to be either way, and its score."""
    for image, label, predicted, at_threshold, score in zip(
        judged.images,
        judged.labels,
        judged.predicted,
        judged.predicted_at(threshold),
        judged.scores,
        strict=True,
    ):
        yield {
            "part": part,
            "kind": kind,
            "image": image,
            "label": int(label),
            "judged": int(predicted),
            "judged_at_threshold": int(at_threshold),
            "score": float(score),
        }


def window_rows(part: str, judged: Judged) -> Iterator[dict[str, str | int | float]]:
    """One row a window of the images that were judged by windows."""
    for image, found in zip(judged.images, judged.windows, strict=bool(judged.windows)):
        for (left, top), score in zip(found.corners, found.scores.tolist(), strict=True):
            yield {"part": part, "image": image, "left": left, "top": top, "score": score}


def _finite(scores: Floats) -> Floats:
    """Scores of a diverged network can be NaN: they rank as normal."""
    lowest = float(np.finfo(np.float32).min)
    return np.clip(np.where(np.isnan(scores), lowest, scores), lowest, -lowest)
