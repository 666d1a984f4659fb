"""The ellipse of a weak label: drawn, and found again."""

import math

import numpy as np
import pytest

from dagm_transfer.data.ellipse import Ellipse, ellipse_of


def test_mask_has_the_area_of_the_ellipse():
    mask = Ellipse(100.3, 80.7, 40, 15, 0.7).mask(160, 200)
    assert mask.sum() == pytest.approx(math.pi * 40 * 15, rel=0.01)


def test_angle_turns_from_x_towards_larger_y():
    mask = Ellipse(50, 50, 40, 5, math.pi / 4).mask(101, 101)
    assert mask[70, 70]
    assert not mask[30, 70]


def test_mask_is_cut_by_the_border():
    whole = Ellipse(50, 50, 20, 10, 0).mask(100, 100)
    cut = Ellipse(0, 50, 20, 10, 0).mask(100, 100)
    assert cut[50, 0]
    assert cut.sum() == pytest.approx(whole.sum() / 2, rel=0.05)


@pytest.mark.parametrize("angle", [-1.2, 0.0, 0.4, 1.5])
def test_ellipse_of_finds_what_was_drawn(angle):
    drawn = Ellipse(90, 70, 50, 20, angle)
    found = ellipse_of(drawn.mask(160, 180))
    assert (found.x, found.y) == pytest.approx((90, 70), abs=0.1)
    assert (found.semi_major, found.semi_minor) == pytest.approx((50, 20), rel=0.02)
    # The same axis read backwards is the same ellipse.
    assert math.sin(found.angle - angle) == pytest.approx(0, abs=0.02)


def test_one_pixel_has_an_ellipse():
    mask = np.zeros((5, 5), dtype=bool)
    mask[1, 3] = True
    found = ellipse_of(mask)
    assert (found.x, found.y) == (3, 1)
    assert 0 < found.semi_minor <= found.semi_major < 1


def test_empty_mask_is_refused():
    with pytest.raises(ValueError, match="empty mask"):
        ellipse_of(np.zeros((4, 4), dtype=bool))


@pytest.mark.parametrize(("major", "minor"), [(5, 6), (5, 0), (-1, -2)])
def test_impossible_axes_are_refused(major, minor):
    with pytest.raises(ValueError, match="semi-axes"):
        Ellipse(0, 0, major, minor, 0)
