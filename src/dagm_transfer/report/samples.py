"""Pictures for the report: source and target side by side, and what was judged wrongly."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from sklearn.datasets import load_sample_images

from dagm_transfer.analysis.responses.whole_images import has_weak_labels, weak_label
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.judging.judgement import JudgedRows
from dagm_transfer.report.figures.base import Figure
from dagm_transfer.report.figures.pictures import Group, Pictured, errors_figure, samples_figure
from dagm_transfer.report.found.results import Result

Bytes = NDArray[np.uint8]
MOST_ERRORS = 12
MOST_GROUPS = 6  # more in a row would be too small to see a defect in
FILTERS_A_ROW = 8
FILTERS = "features.0.weight"  # of the source's first layer


def source_and_target(trunk: Path, data: Prepared, raw: Path) -> Figure:
    """Photographs and the source's first filters, over a normal and a defective image a group.

    The first six groups are drawn.
    """
    photographs = load_sample_images()
    named = [
        (f"photograph ({Path(name).stem})", _square(image))
        for name, image in zip(photographs.filenames, photographs.images, strict=True)
    ]
    pictured = [_pictured(row, raw) for row in sampled(data)]
    groups = [
        Group(group, normal, defective)
        for group, normal, defective in zip(
            data.facts["groups"][:MOST_GROUPS], pictured[::2], pictured[1::2], strict=True
        )
    ]
    return samples_figure(named, filter_picture(load_file(trunk)[FILTERS]), groups)


def sampled(data: Prepared) -> list[dict[str, str]]:
    """Of each group that is drawn the first normal and the first defective image's row."""
    rows = read_csv(data.folder / "images.csv")
    return [
        next(row for row in rows if (row["group"], row["defective"]) == (group, state))
        for group in data.facts["groups"][:MOST_GROUPS]
        for state in ("0", "1")
    ]


def filter_picture(kernels: NDArray[np.float32]) -> Bytes:
    """Filters [64, 3, 3, 3] as one colour picture, eight a row, each stretched to full contrast."""
    low = kernels.min(axis=(1, 2, 3), keepdims=True)
    high = kernels.max(axis=(1, 2, 3), keepdims=True)
    tiles = ((kernels - low) / (high - low) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    framed = np.pad(tiles, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=255)
    rows = framed.reshape(-1, FILTERS_A_ROW, *framed.shape[1:])
    picture: Bytes = np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)
    return picture.repeat(12, axis=0).repeat(12, axis=1)


def errors_of(run: Result | None, labels: list[str], data: Prepared, raw: Path) -> Figure:
    """The whole test images that a run judges wrongly by its largest logit, twelve at most.

    Args:
        run: None where no run is worth a look.
        labels: names.
        data: of the study.
        raw: where the images lie.
    """
    if run is None:
        return errors_figure([], "No run ended with a finite loss")
    judged = run.judged["image"]
    wrong = judged.predicted != judged.labels
    at_threshold = int((judged.at_threshold != judged.labels).sum())
    rows = {row["image"]: row for row in data.for_seed(run.begin.seed).images("test")}
    pictures = [
        (_verdict(judged, judged.images.index(image), labels), _pictured(rows[image], raw))
        for image in wrongly_judged(run)
    ]
    return errors_figure(
        pictures,
        f"{run.begin.key}: {wrong.sum()} of {len(judged.labels)} test images wrong at the largest "
        f"logit, {at_threshold} at the threshold",
    )


def outlined(data: Prepared) -> str:
    """What the outline in a picture is, as a sentence; empty where the data have no weak labels."""
    return " A defect's weak label is outlined." if has_weak_labels(data) else ""


def wrongly_judged(run: Result) -> list[str]:
    """The whole test images that are drawn as errors."""
    judged = run.judged["image"]
    wrong = np.flatnonzero(judged.predicted != judged.labels)
    return [judged.images[place] for place in wrong[:MOST_ERRORS]]


def _verdict(judged: JudgedRows, place: int, labels: list[str]) -> str:
    is_, said = labels[judged.labels[place]], labels[judged.predicted[place]]
    return f"is {is_}\njudged {said}\nlog-odds of defect {judged.scores[place]:+.1f}"


def _pictured(row: Mapping[str, str], raw: Path) -> Pictured:
    return Pictured(read_pixels(raw / row["image"]), weak_label(row))


def _square(image: Bytes) -> Bytes:
    side = min(image.shape[:2])
    return image[:side, -side:]
