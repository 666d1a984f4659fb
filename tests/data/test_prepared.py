"""Prepared data as everything after `prepare` reads them."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from dagm_transfer.data.prepared import Prepared

ROWS = [("train", 0), ("train", 3), ("train", 1), ("val", 2), ("test", 1), ("test", 0)]


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """Six inputs whose pixels are their row's number, and a whole image to test."""
    np.save(
        tmp_path / "inputs.npy",
        np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((6, 4, 4), np.uint8),
    )
    np.save(tmp_path / "wholes.npy", np.full((1, 9, 9), 200, np.uint8))
    write(tmp_path / "inputs.csv", [(part, label, f"i{n}") for n, (part, label) in enumerate(ROWS)])
    write(tmp_path / "wholes.csv", [("test", 1, "Class1/Test/0001.PNG")])
    (tmp_path / "facts.json").write_text(json.dumps({"digest": "abc"}))
    return Prepared(tmp_path)


def write(path: Path, rows: list[tuple[str, int, str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("part", "label", "image"), *rows])


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_a_part_has_its_own_pixels_labels_and_images(prepared, part):
    inputs = prepared.inputs(part)
    mine = [n for n, (of, _) in enumerate(ROWS) if of == part]
    assert inputs.pixels[:, 0, 0].tolist() == mine
    assert inputs.labels.tolist() == [ROWS[n][1] for n in mine]
    assert inputs.images == [f"i{n}" for n in mine]
    assert inputs.labels.dtype == np.int64


def test_pixels_are_mapped_and_cannot_be_written(prepared):
    pixels = prepared.inputs("train").pixels
    assert isinstance(pixels, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0, 0] = 1


def test_whole_images_are_apart_from_inputs(prepared):
    wholes = prepared.wholes("test")
    assert wholes.pixels.shape == (1, 9, 9)
    assert (wholes.labels.tolist(), wholes.images) == ([1], ["Class1/Test/0001.PNG"])


def test_a_part_without_rows_is_empty(prepared):
    wholes = prepared.wholes("val")
    assert (len(wholes.pixels), len(wholes.labels), wholes.images) == (0, 0, [])


def test_facts_are_those_on_disk(prepared):
    assert prepared.facts == {"digest": "abc"}
