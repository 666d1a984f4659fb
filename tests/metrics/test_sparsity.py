"""Dead channels over the data, and active ones in an image."""

import pytest
import torch

from dagm_transfer.metrics.sparsity import active_channel_share, dead_channel_share


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


def test_active_share_is_counted_in_each_image(activations):
    # Active: channels 1 and 3, then 3 alone, then 2 and 3.
    assert active_channel_share(activations.amax(dim=(2, 3))) == pytest.approx((2 + 1 + 2) / 12)


def test_a_maximum_equal_to_the_threshold_is_dead_and_silent():
    maxima = torch.tensor([0.25, 0.5, 1.0])
    assert dead_channel_share(maxima, threshold=0.5) == pytest.approx(2 / 3)
    assert active_channel_share(maxima[None], threshold=0.5) == pytest.approx(1 / 3)


def test_both_shares_make_one_where_there_is_one_image():
    maxima = torch.relu(torch.randn(1, 64, generator=torch.Generator().manual_seed(0)))
    assert dead_channel_share(maxima[0]) + active_channel_share(maxima) == pytest.approx(1)


@pytest.mark.parametrize("share", [dead_channel_share, active_channel_share])
def test_nothing_to_count_is_refused(share):
    with pytest.raises(ValueError, match=r"no .*channels"):
        share(torch.zeros(0, 0))


def test_a_channel_that_is_not_a_number_is_refused_and_not_called_alive_or_dead():
    with pytest.raises(ValueError, match="not a number"):
        dead_channel_share(torch.tensor([0.0, float("nan")]))
