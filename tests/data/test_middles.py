"""Where in a mask the defect is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagm_transfer.data.ellipse import Ellipse, ellipse_of
from dagm_transfer.data.middles import NEAR, middles_of


def mask_of(*boxes: tuple[slice, slice]) -> np.ndarray:
    """A mask of boxes, rows and columns."""
    mask = np.zeros((200, 300), bool)
    for box in boxes:
        mask[box] = True
    return mask


@given(
    x=st.floats(0, 299), y=st.floats(0, 199), major=st.floats(2, 60), ratio=st.floats(0.1, 1),
    angle=st.floats(-1.5, 1.5),
)  # fmt: skip
def test_an_ellipse_has_the_middle_that_is_fitted_to_it(x, y, major, ratio, angle):
    mask = Ellipse(x, y, major, max(1.0, major * ratio), angle).mask(200, 300)
    if mask.any():
        fitted = ellipse_of(mask)
        assert middles_of(mask) == ((fitted.x, fitted.y),)


def test_dots_in_a_row_are_one_defect():
    dots = [np.s_[100 + n, 50 + 4 * n] for n in range(10)]
    assert middles_of(mask_of(*dots)) == (pytest.approx((68, 104.5)),)


def test_defects_apart_have_a_middle_each_the_largest_first_and_specks_none():
    mask = mask_of(np.s_[10:40, 10:40], np.s_[150:190, 250:290], np.s_[5, 290])
    assert middles_of(mask) == ((269.5, 169.5), (24.5, 24.5))


def test_a_ring_is_cut_at_its_edge():
    mask = mask_of(np.s_[20:181, 50:211])
    mask[30:171, 60:201] = False
    ((x, y),) = middles_of(mask)
    assert mask[int(y), int(x)]


@given(st.integers(0, 2**32))
def test_the_defect_is_at_every_middle(seed):
    mask = np.random.default_rng(seed).random((40, 60)) > 0.99
    ys, xs = np.nonzero(mask)
    for x, y in middles_of(mask) if mask.any() else ():
        assert np.hypot(xs - x, ys - y).min() <= NEAR
