"""What labelled images lack."""

import pytest
from own_images import said


def test_halves_with_defects_in_both_are_no_matter(own):
    own.write("train/good/1.png", "train/bad/1.png", "test/good/2.png", "test/bad/2.png")
    assert own.plan().notes == ()


def test_images_of_a_group_outside_its_halves_are_said(own):
    own.write("bolt/train/good/1.png", "bolt/test/bad/1.png", "bolt/good/2.png", "bolt/bad/2.png")
    (text,) = said(own.plan())
    assert text.startswith("1 group, of which only a part lies in train and test")


@pytest.mark.parametrize("count", [1, 5])
def test_groups_that_lack_a_class_share_a_line(own, count):
    own.write(*(f"bolt {n}/{kind}/1.png" for n in range(count) for kind in ("a", "b")))
    (text,) = said(own.plan())
    assert text.startswith(f"{count} group")
    assert "(there are a, b)" in text
