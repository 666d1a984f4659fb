"""Which lines are drawn, from where, and against what."""

import numpy as np
import pytest

from dagm_transfer.analysis.lines.ends import Pair, ends_of, pairs_of, real_inputs
from dagm_transfer.data.prepared import Inputs

GROUPS = ["texture 1", "texture 2", "texture 5"]


def test_pairs_at_hand_are_drawn_and_others_left_out():
    asked = [["texture 1", "texture 2"], ["texture 2", "texture 9"], ["texture 2", "texture 5"]]
    pairs, were_asked = pairs_of(GROUPS, asked)
    assert [(pair.a, pair.b) for pair in pairs] == [(1, 3), (3, 5)]
    assert were_asked


@pytest.mark.parametrize("asked", [[], [["cloth", "steel"]]])
def test_where_none_is_at_hand_the_first_two_groups_make_one(asked):
    pairs, were_asked = pairs_of(GROUPS, asked)
    assert pairs == [Pair("texture 1 to texture 2", 1, 3)]
    assert were_asked == (not asked)


def test_a_single_group_has_its_own_line():
    pairs, were_asked = pairs_of(["cloth"], [["texture 1", "texture 2"]])
    assert pairs == [Pair("cloth, defective to normal", 1, 0)]
    assert not were_asked


def inputs(prefix, count=3):
    """Two patches of each of some images of each of four labels."""
    labels = np.repeat(np.arange(4), 2 * count)
    images = [f"{prefix}-{label}-{n // 2}" for label in range(4) for n in range(2 * count)]
    return Inputs(np.arange(8 * count, dtype=np.uint8).reshape(-1, 1, 1), labels, images)


def test_ends_are_one_an_image_and_those_first_that_are_judged_rightly():
    test, wrong = inputs("test"), np.zeros(24, dtype=np.int64)
    assert ends_of(test, 1, wrong, 8).tolist() == [6, 8, 10]
    assert ends_of(test, 1, wrong, 2).tolist() == [6, 8]
    wrong[[6, 8, 9]] = 1  # both patches of the second image
    wrong[9] = 2
    assert ends_of(test, 1, wrong, 8).tolist() == [7, 10, 8]


def test_real_inputs_are_of_both_labels_one_an_image_without_those_of_the_ends():
    pair, parts = Pair("a to b", 1, 3), [inputs("test"), inputs("val")]
    found = real_inputs(parts, pair, {"test-1-0", "test-3-2"}, each=100)
    assert set(found.labels.tolist()) == {1, 3}
    assert len(found.images) == len(set(found.images)) == 2 * 6 - 2
    assert not {"test-1-0", "test-3-2"} & set(found.images)
    few = real_inputs(parts, pair, {"test-1-0", "test-3-2"}, each=4)
    assert np.bincount(few.labels).tolist() == [0, 4, 0, 4]
