"""Dead channels over the data, silent ones in an image, and sparseness without a threshold."""

import itertools
import math

import pytest
import torch

from dagm_transfer.metrics.sparsity import (
    dead_channel_share,
    dead_share_over,
    inactive_channel_share,
    treves_rolls,
)


@pytest.fixture
def activations() -> torch.Tensor:
    """Three images, four channels: 0 is dead, 1 and 2 fire in one image each, 3 in all."""
    outputs = torch.zeros(3, 4, 5, 5)
    outputs[0, 1, 2, 2] = 0.25
    outputs[2, 2, 4, 0] = 1.0
    outputs[:, 3] = 2.0
    return outputs


def test_a_channel_that_fires_once_anywhere_is_not_dead(activations):
    assert dead_channel_share(activations.amax(dim=(0, 2, 3))) == 1 / 4


def test_the_inactive_share_is_counted_in_each_image(activations):
    # Active: channels 1 and 3, then 3 alone, then 2 and 3.
    share = inactive_channel_share(activations.amax(dim=(2, 3)))
    assert share == pytest.approx(1 - (2 + 1 + 2) / 12)


def test_a_maximum_equal_to_the_threshold_is_dead_and_silent():
    maxima = torch.tensor([0.25, 0.5, 1.0])
    assert dead_channel_share(maxima, threshold=0.5) == pytest.approx(2 / 3)
    assert inactive_channel_share(maxima[None], threshold=0.5) == pytest.approx(2 / 3)


def test_both_shares_are_one_where_there_is_one_image():
    maxima = torch.relu(torch.randn(1, 64, generator=torch.Generator().manual_seed(0)))
    assert dead_channel_share(maxima[0]) == pytest.approx(inactive_channel_share(maxima))


@pytest.mark.parametrize("share", [dead_channel_share, inactive_channel_share])
def test_nothing_to_count_is_refused(share):
    with pytest.raises(ValueError, match=r"no .*channels"):
        share(torch.zeros(0, 0))


def test_a_channel_that_is_not_a_number_is_refused_and_not_called_alive_or_dead():
    with pytest.raises(ValueError, match="not a number"):
        dead_channel_share(torch.tensor([0.0, float("nan")]))
    with pytest.raises(ValueError, match="not a number"):
        inactive_channel_share(torch.tensor([[0.0, float("nan")]]))


def test_more_images_never_make_more_dead_but_leave_the_inactive_share_alone():
    maxima = torch.relu(torch.randn(400, 64, generator=torch.Generator().manual_seed(0)) - 1.5)
    dead = [dead_channel_share(maxima[:count].amax(dim=0)) for count in (1, 10, 100, 400)]
    assert dead == sorted(dead, reverse=True)
    silent = [inactive_channel_share(maxima[:count]) for count in (100, 400)]
    assert silent[0] == pytest.approx(silent[1], abs=0.02)


def test_sparseness_is_that_of_the_formula_image_by_image():
    responses = torch.rand(7, 9, generator=torch.Generator().manual_seed(0))
    expected = [1 - float(row.mean()) ** 2 / float((row**2).mean()) for row in responses]
    assert treves_rolls(responses) == pytest.approx(sum(expected) / 7, abs=1e-6)


def test_sparseness_does_not_hang_on_the_scale_and_leaves_silent_images_out():
    responses = torch.rand(5, 9, generator=torch.Generator().manual_seed(0))
    scaled = torch.cat([3 * responses, torch.zeros(2, 9)])
    assert treves_rolls(scaled) == pytest.approx(treves_rolls(responses), abs=1e-6)
    assert treves_rolls(torch.zeros(2, 9)) != treves_rolls(torch.zeros(2, 9)), "not a number"


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_dead_over_some_images_is_the_mean_over_all_choices_of_them(count):
    random = torch.Generator().manual_seed(1)
    maxima = torch.relu(torch.randn(7, 20, generator=random) - 0.8)
    choices = itertools.combinations(range(7), count)
    by_hand = [dead_channel_share(maxima[list(rows)].amax(dim=0)) for rows in choices]
    assert dead_share_over(maxima, count) == pytest.approx(sum(by_hand) / len(by_hand))


def test_dead_over_one_image_is_inactive_and_over_more_than_there_are_unknown():
    maxima = torch.tensor([[0.0, 1.0, 0.0], [2.0, 1.0, 0.0]])
    assert dead_share_over(maxima, 1) == inactive_channel_share(maxima)
    assert dead_share_over(maxima, 2) == dead_channel_share(maxima.amax(dim=0))
    assert math.isnan(dead_share_over(maxima, 3))
