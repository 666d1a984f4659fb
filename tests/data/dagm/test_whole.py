"""Whole textures in both layouts, as many images as the release has."""

from collections import Counter
from pathlib import Path

import pytest
from older_layout import write_older_layout
from planned import planned, refusal

from dagm_transfer.data.kinds.synthetic.write import (
    OFFICIAL,
    OFFICIAL_TEST_DEFECTIVE,
    write_dataset,
)
from dagm_transfer.data.raw_index import read_index, weak_label

NORMAL, DEFECTIVE = OFFICIAL


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """Texture 1 in two folders, `official` and `older`."""
    root = tmp_path_factory.mktemp("whole")
    write_dataset(
        root / "official",
        textures=[1], normal=NORMAL, defective=DEFECTIVE, seed=0, size=96, workers=1,
    )  # fmt: skip
    write_older_layout(root / "official", root / "older")
    return root


def test_a_whole_official_texture_is_found_as_it_was_written(whole):
    plan = planned(whole / "official")
    assert [found.record for found in plan.found] == read_index(whole / "official")
    in_test = OFFICIAL_TEST_DEFECTIVE[1]
    assert Counter((f.record.half, f.record.defective) for f in plan.found) == {
        ("Train", False): 575 - (DEFECTIVE - in_test),
        ("Train", True): DEFECTIVE - in_test,
        ("Test", False): 575 - in_test,
        ("Test", True): in_test,
    }
    # The index that the generator wrote beside the folders.
    assert [note.text for note in plan.notes] == ["1 file, in no class folder: official/index.csv"]


def test_a_whole_older_texture_has_the_ellipses_of_the_official_masks(whole):
    plan = planned(whole / "older")
    records = [found.record for found in plan.found]
    assert [r.path.as_posix() for r in records] == [
        *(f"Class1/{n}.png" for n in range(1, NORMAL + 1)),
        *(f"Class1_def/{n}.png" for n in range(1, DEFECTIVE + 1)),
    ]
    official = [r for r in read_index(whole / "official") if r.defective]
    expected = [weak_label(whole / "official", record).ellipse for record in official]
    assert [r.ellipse for r in records] == [None] * NORMAL + expected
    assert plan.notes == ()


def test_both_at_once_are_refused(whole):
    text = refusal(planned(whole))
    assert f"{whole.name}/official/Class1 is texture 1 in the official layout" in text
