"""What the stage `responses` leaves on disk: a folder for each seed.

`images.csv` has a row for each network, heat map, metric and image; `localization.csv` their means,
and which channel is the best one. Runs of one seed are shown the same images: `image-NN.npy` and,
where the data have any, `label-NN.npy` are an image and its weak label, uint8 [h, w], 256 pixels at
most; below a folder for each run `channels-NN.npy` are its strongest channels, uint8 [64 or fewer,
h, w], and `heat-NN.npy` what of the class activation speaks for a defect, uint8 as large as the
image. NN counts the images from 0 on.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.analysis.responses.heat import in_cells
from dagm_transfer.analysis.responses.localized import Localized, Shown, Values
from dagm_transfer.analysis.responses.whole_images import WholeImage
from dagm_transfer.core.tables import Cell

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
COLUMNS = ("key", "when", "heat", "metric", "value", "images")
IMAGE_COLUMNS = ("key", "when", "heat", "metric", "image", "group", "value")
MOST_PIXELS = 256
Row = dict[str, Cell]


def image_rows(
    key: str, when: str, values: Sequence[Values], images: Sequence[WholeImage]
) -> list[Row]:
    """The rows of a run's network, or of the baselines on its images, in `images.csv`."""
    return [
        {"key": key, "when": when, "heat": heat, "metric": metric, "image": image.name,
         "group": image.group, "value": value}
        for found, image in zip(values, images, strict=True)
        for (heat, metric), value in found.items()
    ]  # fmt: skip


def mean_rows(key: str, when: str, values: Sequence[Values]) -> list[Row]:
    """Their means in `localization.csv`."""
    return [
        {"key": key, "when": when, "heat": heat, "metric": metric,
         "value": fmean(found[heat, metric] for found in values), "images": len(values)}
        for heat, metric in (values[0] if values else ())
    ]  # fmt: skip


def channel_rows(key: str, when: str, found: Localized, training: int) -> list[Row]:
    """Which channel was chosen on so many training images, in `localization.csv`."""
    if found.channel is None:
        return []
    chosen: dict[str, float] = {"channel": found.channel, "training_auroc": found.training_auroc}
    return [
        {"key": key, "when": when, "heat": "best_channel", "metric": metric, "value": value,
         "images": training}
        for metric, value in chosen.items()
    ]  # fmt: skip


def save_images(folder: Path, images: Sequence[WholeImage]) -> None:
    """Small copies of the images and their weak labels."""
    for place, image in enumerate(images):
        small = shrunk(image.pixels.astype(np.float64)).round().astype(np.uint8)
        np.save(folder / f"image-{place:02d}.npy", small)
        if image.mask is not None:
            label = shrunk(image.mask.astype(np.float64)) >= 0.5
            np.save(folder / f"label-{place:02d}.npy", label.astype(np.uint8))


def save_shown(folder: Path, shown: Sequence[Shown]) -> None:
    """What is drawn of one run."""
    folder.mkdir()
    for place, one in enumerate(shown):
        np.save(folder / f"channels-{place:02d}.npy", one.channels)
        np.save(folder / f"heat-{place:02d}.npy", heat_bytes(shrunk(one.heat)))


def heat_bytes(heat: Floats) -> Bytes:
    """What is positive in a heat map, as shares of its maximum; 0 where it is not finite.

    >>> heat_bytes(np.array([[-1.0, 0.0, 2.0, 4.0]])).tolist()
    [[0, 0, 128, 255]]
    """
    positive = np.clip(heat, 0, None) if np.isfinite(heat).all() else np.zeros_like(heat)
    found: Bytes = np.round(255 * positive / max(positive.max(), 1e-30)).astype(np.uint8)
    return found


def shrunk(picture: Floats) -> Floats:
    """A picture [H, W] of 256 pixels at most, each the mean of those it stands for.

    >>> shrunk(np.ones((600, 90))).shape
    (200, 30)
    """
    step = -(-max(picture.shape) // MOST_PIXELS)
    return in_cells(picture, (step, step), tuple(side // step for side in picture.shape))
