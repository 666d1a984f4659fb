"""Channels after training matched to those before."""

import numpy as np
import pytest

from dagm_transfer.metrics.matching import channel_match

ONE = np.zeros(80, dtype=np.int64)  # all of one label


@pytest.fixture
def before():
    return np.random.default_rng(0).random((80, 12))


def test_it_is_numpys_correlation(before):
    after = before[:, ::-1] + 0.3 * np.random.default_rng(1).random((80, 12))
    found = channel_match(before, after, ONE)
    correlations = np.corrcoef(after.T, before.T)[:12, 12:]
    assert found.correlation == pytest.approx(np.median(correlations.max(axis=1)))
    assert found.own == np.mean(correlations.argmax(axis=1) == np.arange(12)) == 0.0


def test_channels_that_changed_places_are_found_but_not_their_own(before):
    found = channel_match(before, before[:, np.roll(np.arange(12), 1)], ONE)
    assert (found.own, found.correlation, found.live) == (0.0, pytest.approx(1), 12)


def test_dead_channels_are_left_out_on_both_sides(before):
    after, silent = before.copy(), before.copy()
    after[:, :4], silent[:, 8:] = 0.0, 0.7
    found = channel_match(silent, after, ONE)
    assert found.live == 8
    assert found.own == 4 / 8, "places 4 to 7 live on both sides"
    nothing = channel_match(before, np.zeros_like(before), ONE)
    assert nothing.live == 0
    assert np.isnan([nothing.own, nothing.correlation, nothing.floor]).all()


def test_strangers_are_no_better_than_the_floor(before):
    stranger = np.random.default_rng(1).random((80, 12))
    found = channel_match(before, stranger, ONE)
    assert found.correlation == pytest.approx(found.floor, abs=0.1)
    assert channel_match(before, before, ONE).floor < 0.5


def test_other_shapes_are_refused(before):
    with pytest.raises(ValueError, match="shapes differ"):
        channel_match(before, before[:, :3], ONE)


def test_networks_that_share_the_labels_alone_are_no_better_than_the_floor(before):
    labels = np.arange(80) % 2
    apart = 5 * labels[:, None]
    stranger = np.random.default_rng(1).random((80, 12)) + apart
    found = channel_match(before + apart, stranger, labels)
    assert found.correlation > 0.9
    assert found.floor == pytest.approx(found.correlation, abs=0.02)
