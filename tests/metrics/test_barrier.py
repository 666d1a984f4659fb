"""The height over the chord, by hand and by its invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagm_transfer.metrics.barrier import loss_barrier

LOSSES = st.lists(st.floats(0, 100), min_size=2, max_size=12).map(np.array)


def test_the_highest_place_over_the_chord_counts():
    assert loss_barrier(np.array([1.0, 4.0, 6.0, 7.0, 5.0])) == 3.0  # over chords of 2, 3 and 4


def test_below_the_chord_there_is_no_barrier():
    assert loss_barrier(np.array([2.0, 0.5, 0.1, 3.0])) == 0
    assert loss_barrier(np.array([0.3, 0.1])) == 0


@settings(deadline=None)
@given(LOSSES, st.floats(-5, 5), st.floats(-5, 5))
def test_it_is_blind_to_a_slope_and_to_the_direction(losses, level, slope):
    tilted = losses + level + slope * np.linspace(0, 1, len(losses))
    assert loss_barrier(tilted) == pytest.approx(loss_barrier(losses), abs=1e-9)
    assert loss_barrier(losses[::-1]) == pytest.approx(loss_barrier(losses), abs=1e-9)


@pytest.mark.parametrize("gone", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_leaves_none(gone):
    assert np.isnan(loss_barrier(np.array([1.0, gone, 1.0])))


@pytest.mark.parametrize("losses", [np.array([1.0]), np.ones((2, 2))])
def test_one_place_is_no_line(losses):
    with pytest.raises(ValueError, match="two places"):
        loss_barrier(losses)
