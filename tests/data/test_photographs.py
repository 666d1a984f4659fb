"""Photographs become inputs like the textures': windows or whole, even over a folder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.photographs import (
    View,
    photographs_in,
    shipped_photographs,
    spread_corners,
)
from dagm_transfer.data.resize import resize

PATCH, WHOLE = View(True, 32, "antialias"), View(False, 32, "antialias")


def draw(folder, names, shape=(64, 96)):
    random = np.random.default_rng(0)
    found = {}
    for name in names:
        found[name] = random.integers(0, 256, shape, np.uint8)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(found[name]).save(folder / name)
    return found


def test_fewer_photographs_than_inputs_give_windows_at_native_resolution(tmp_path):
    drawn = draw(tmp_path / "cats", ["a.png", "sub/b.PNG"])
    (tmp_path / "cats" / "notes.txt").write_text("no photograph")
    found = photographs_in(tmp_path / "cats", PATCH, 12)
    assert found.name == "cats"
    assert found.inputs.images == ["a.png"] * 6 + ["sub/b.PNG"] * 6
    image = drawn["a.png"]
    tiles = [image[y : y + 32, x : x + 32] for y in (0, 32) for x in (0, 32, 64)]
    assert np.array_equal(found.inputs.pixels[:6], tiles), "without overlap, where they fit"


def test_more_photographs_than_inputs_are_taken_evenly(tmp_path):
    drawn = draw(tmp_path, [f"{n:02d}.png" for n in range(20)])
    found = photographs_in(tmp_path, WHOLE, 4)
    assert found.inputs.images == ["00.png", "05.png", "10.png", "15.png"]
    assert np.array_equal(found.inputs.pixels[1], resize(drawn["05.png"], 32, "antialias"))


def test_small_photographs_are_enlarged(tmp_path):
    draw(tmp_path, ["a.png"], shape=(20, 24))
    assert photographs_in(tmp_path, PATCH, 2).inputs.pixels.shape == (2, 32, 32)


def test_the_digest_is_of_the_content(tmp_path):
    draw(tmp_path / "a", ["1.png", "2.png"])
    draw(tmp_path / "b", ["1.png", "2.png"])
    first, same = (photographs_in(tmp_path / name, PATCH, 4) for name in "ab")
    assert first.digest == same.digest
    Image.fromarray(np.zeros((64, 96), np.uint8)).save(tmp_path / "b" / "2.png")
    assert photographs_in(tmp_path / "b", PATCH, 4).digest != first.digest


def test_a_folder_that_is_missing_empty_or_broken_says_so(tmp_path):
    with pytest.raises(UserError, match=r"nowhere: no such folder; mend embed\.photographs"):
        photographs_in(tmp_path / "nowhere", PATCH, 4)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty: holds no png or jpg"):
        photographs_in(tmp_path / "empty", PATCH, 4)
    (tmp_path / "empty" / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(UserError, match="not a readable image"):
        photographs_in(tmp_path / "empty", PATCH, 4)


@pytest.mark.parametrize("view", [PATCH, WHOLE, View(True, 512, "nearest")])
def test_the_shipped_ones_are_windows_of_two_photographs(view):
    found = shipped_photographs(view, 10)
    assert found.inputs.pixels.shape == (10, view.size, view.size)
    assert [found.inputs.images.count(name) for name in sorted(set(found.inputs.images))] == [5, 5]
    assert len(np.unique(found.inputs.pixels, axis=0)) == 10


@given(st.integers(32, 200), st.integers(32, 200), st.integers(1, 60))
def test_windows_lie_inside_and_no_two_are_the_same(height, width, count):
    corners = spread_corners((height, width), 32, count)
    assert len(set(corners)) == len(corners) <= count
    assert len(corners) >= min(count, max(height, width) - 31)
    assert all(0 <= x <= width - 32 and 0 <= y <= height - 32 for x, y in corners)
