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
    """Six inputs whose pixels are their row's number."""
    np.save(
        tmp_path / "inputs.npy",
        np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((6, 4, 4), np.uint8),
    )
    write(tmp_path / "inputs.csv", [(part, label, f"i{n}") for n, (part, label) in enumerate(ROWS)])
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


def test_a_part_without_rows_is_empty(prepared):
    write(prepared.folder / "inputs.csv", [("train", 0, f"i{n}") for n in range(6)])
    inputs = prepared.inputs("val")
    assert (len(inputs.pixels), len(inputs.labels), inputs.images) == (0, 0, [])


def test_the_images_of_a_part_are_its_rows_of_the_index(prepared):
    write(prepared.folder / "images.csv", [("train", 0, "a"), ("test", 1, "b"), ("train", 3, "c")])
    assert [row["image"] for row in prepared.images("train")] == ["a", "c"]
    assert prepared.images("test") == [{"part": "test", "label": "1", "image": "b"}]
    assert prepared.images("val") == []


def test_facts_are_those_on_disk(prepared):
    assert prepared.facts == {"digest": "abc"}
