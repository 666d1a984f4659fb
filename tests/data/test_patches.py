"""Where patches are cut for training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagm_transfer.data.patches import cut, grid_corners, patch_corners
from dagm_transfer.params import load

SHAPE = (100, 140)  # height, width
SIZE = 32


def corners(*middles, shape=SHAPE, size=SIZE, count=200, jitter=8, seed=(0,)):
    return patch_corners(shape, middles, size=size, count=count, jitter=jitter, seed=list(seed))


def test_patches_of_a_normal_image_lie_anywhere_inside_up_to_its_borders():
    found = np.array(corners(count=2000))
    assert found.min(axis=0).tolist() == [0, 0]
    assert found.max(axis=0).tolist() == [140 - SIZE, 100 - SIZE]


def test_a_patch_may_be_as_large_as_the_image():
    assert corners(shape=(SIZE, SIZE), count=3) == [(0, 0)] * 3
    assert corners((30, 2), shape=(SIZE, SIZE), count=3) == [(0, 0)] * 3


def test_without_jitter_the_weak_labels_middle_is_the_patchs():
    assert set(corners((70.4, 49.6), jitter=0)) == {(70 - 16, 50 - 16)}


def test_jitter_moves_a_patch_up_to_its_whole_both_ways_and_independently():
    found = np.array(corners((70, 50), count=2000)) - (70 - 16, 50 - 16)
    assert found.min(axis=0).tolist() == [-8, -8]
    assert found.max(axis=0).tolist() == [8, 8]
    assert len({tuple(move) for move in found.tolist()}) == 17 * 17


@pytest.mark.parametrize("centre", [(0, 0), (139, 99), (-5, 50), (70, 120)])
def test_patches_of_a_defect_at_the_border_stay_inside(centre):
    for left, top in corners(centre):
        assert 0 <= left <= 140 - SIZE
        assert 0 <= top <= 100 - SIZE


def test_patches_cover_the_middle_of_the_weak_label_at_the_largest_jitter_allowed(request):
    params = load(request.config.rootpath / "params" / "demo.yaml")
    content = params.data.model_dump()
    jitter = 2 * content["size"]
    while True:  # the largest one that the parameters accept
        try:
            content["patch"]["jitter"] = jitter
            type(params.data).model_validate(content)
            break
        except ValueError:
            jitter -= 1
    size = content["size"]
    for left, top in corners((256, 256), shape=(512, 512), size=size, jitter=jitter):
        assert left <= 256 < left + size
        assert top <= 256 < top + size


def test_the_seed_decides_and_nothing_else():
    assert corners(seed=(3, 77)) == corners(seed=(3, 77))
    assert corners(seed=(3, 77)) != corners(seed=(3, 78))
    assert corners(seed=(3, 77)) != corners(seed=(4, 77))


def test_patches_are_cut_from_left_and_top():
    pixels = np.arange(100 * 140).reshape(SHAPE)
    (patch,) = cut(pixels, [(30, 20)], SIZE)
    assert patch.shape == (SIZE, SIZE)
    assert patch[0, 0] == 20 * 140 + 30
    assert patch[-1, -1] == (20 + SIZE - 1) * 140 + 30 + SIZE - 1


@given(
    height=st.integers(32, 200),
    width=st.integers(32, 200),
    count=st.integers(1, 60),
    seed=st.integers(0, 9),
)
def test_a_grid_lies_side_by_side_inside_the_image_and_covers_it(height, width, count, seed):
    every = grid_corners((height, width), size=32, count=1000, seed=[seed])
    covered = np.zeros((height, width), int)
    for left, top in every:
        assert 0 <= left <= width - 32
        assert 0 <= top <= height - 32
        covered[top : top + 32, left : left + 32] += 1
    assert covered.min() == 1
    assert len(every) == -(-height // 32) * -(-width // 32)
    some = grid_corners((height, width), size=32, count=count, seed=[seed])
    assert len(some) == min(count, len(every))
    assert set(some) <= set(every)


def test_a_grid_is_drawn_from_by_seed():
    drawn = {tuple(grid_corners((320, 320), size=32, count=5, seed=[s])) for s in range(5)}
    assert len(drawn) == 5


def test_patches_go_around_the_middles_in_turn():
    found = corners((20, 30), (120, 70), jitter=0, count=3)
    assert found == [(4, 14), (104, 54), (4, 14)]
