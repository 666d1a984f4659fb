"""What the whole release holds, and what a part of it lacks."""

from pathlib import Path, PurePosixPath

import pytest

from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.kinds.dagm.official import read_flags
from dagm_transfer.data.kinds.dagm.release import COMPETITION, DEVELOPMENT, lacking, whole_texture
from dagm_transfer.data.kinds.synthetic.write import OFFICIAL_TEST_DEFECTIVE


def test_competition_textures_are_twice_as_large():
    assert [whole_texture(t) for t in (1, 6, 7, 10)] == [*[DEVELOPMENT] * 2, *[COMPETITION] * 2]


@pytest.mark.parametrize("counts", [(1000, 150), (1001, 150), (1000, 151)])
def test_nothing_is_missing_from_a_whole_texture_or_more(counts):
    assert lacking(1, *counts) is None


def test_more_of_one_class_does_not_make_up_for_the_other():
    text = "0 of 1000 normal and 1 of 150 defective images are missing"
    assert lacking(1, 1001, 149) == text


def test_what_a_part_lacks_is_told_in_words():
    text = "1850 of 2000 normal and 150 of 300 defective images are missing"
    assert lacking(8, 150, 150) == text


@pytest.mark.parametrize("texture", range(1, 11))
def test_stated_counts_are_those_of_the_official_labels(real_labels: Path, texture):
    flags = {}
    for half in ("Train", "Test"):
        path = real_labels / f"Class{texture}" / half / "Label" / "Labels.txt"
        flags[half] = list(read_flags(File(PurePosixPath(path), path)).values())
    assert OFFICIAL_TEST_DEFECTIVE.get(texture, 150) == flags["Test"].count(True)
    everything = [*flags["Train"], *flags["Test"]]
    assert whole_texture(texture) == (everything.count(False), everything.count(True))
