"""Pictures for the report: source and target side by side, and what was judged wrongly."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file
from sklearn.datasets import load_sample_images

from dagm_transfer.data.dagm import read_pixels
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.figures.base import Figure
from dagm_transfer.figures.pictures import samples_figure
from dagm_transfer.stages.results import Result
from dagm_transfer.tables import read_csv

Bytes = NDArray[np.uint8]
MOST_ERRORS = 12
FILTERS_A_ROW = 8


def source_and_target(trunk: Path, data: Prepared, raw: Path) -> Figure:
    """Photographs and the source's first filters, over a normal and a defective image a texture."""
    photographs = load_sample_images()
    named = [
        (f"photograph ({Path(name).stem})", _square(image))
        for name, image in zip(photographs.filenames, photographs.images, strict=True)
    ]
    rows = read_csv(data.folder / "images.csv")
    textures = [
        (f"{texture}, {kind}", read_pixels(raw / _first(rows, texture, defective)))
        for texture in data.facts["textures"]
        for defective, kind in ((0, "normal"), (1, "defective"))
    ]
    return samples_figure(
        named, filter_picture(load_file(trunk)["features.0.weight"].numpy()), textures
    )


def filter_picture(kernels: NDArray[np.float32]) -> Bytes:
    """Filters [64, 3, 3, 3] as one colour picture, eight a row, each stretched to full contrast."""
    low = kernels.min(axis=(1, 2, 3), keepdims=True)
    high = kernels.max(axis=(1, 2, 3), keepdims=True)
    tiles = ((kernels - low) / (high - low) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    framed = np.pad(tiles, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=255)
    rows = framed.reshape(-1, FILTERS_A_ROW, *framed.shape[1:])
    picture: Bytes = np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)
    return picture.repeat(12, axis=0).repeat(12, axis=1)


def error_pictures(run: Result, data: Prepared) -> tuple[list[tuple[str, Bytes]], int]:
    """The wrongly judged test images of a run, the first twelve, and how many there are."""
    tested = data.wholes("test") if data.facts["wholes"]["test"] else data.inputs("test")
    names = data.facts["labels"]
    wrong = [(place, row) for place, row in enumerate(run.judged) if row["label"] != row["judged"]]
    pictures = [
        (_verdict(row, names), np.asarray(tested.pixels[place]))
        for place, row in wrong[:MOST_ERRORS]
    ]
    return pictures, len(wrong)


def _verdict(row: dict[str, str], names: list[str]) -> str:
    is_, judged = names[int(row["label"])], names[int(row["judged"])]
    return f"is {is_}\njudged {judged}\nlog-odds of defect {float(row['score']):+.1f}"


def _first(rows: list[dict[str, str]], texture: int, defective: int) -> str:
    return next(
        row["image"]
        for row in rows
        if (row["texture"], row["defective"]) == (str(texture), str(defective))
    )


def _square(image: Bytes) -> Bytes:
    side = min(image.shape[:2])
    return image[:side, -side:]
