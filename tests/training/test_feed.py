"""Images on their way to the trainable part."""

import warnings

import numpy as np
import pytest
import torch

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import to_input
from dagm_transfer.training.feed import Prefix, feed_of_pixels


@pytest.fixture
def inputs(make_inputs) -> Inputs:
    return make_inputs(3)


@pytest.fixture
def prefix(make_network) -> Prefix:
    return Prefix(make_network(), 6, "unit", batch_size=4, never_changes=True)


@pytest.fixture
def feed(inputs, prefix, cpu):
    return feed_of_pixels(inputs, prefix, cpu)


def test_images_are_stored_as_bytes_with_one_channel(feed, inputs):
    assert (feed.stored.dtype, feed.stored.shape) == (torch.uint8, (12, 1, 32, 32))
    assert np.array_equal(feed.stored[:, 0].numpy(), inputs.pixels)
    assert feed.labels.tolist() == inputs.labels.tolist()


def test_expanding_scales_the_images_and_runs_the_frozen_part(feed, prefix):
    expected = prefix.network.split(6)[0](to_input(feed.stored, "unit"))
    torch.testing.assert_close(feed.expand(feed.stored), expected.detach())


def test_nothing_is_learned_through_the_frozen_part(feed, prefix):
    assert all(p.requires_grad for p in prefix.network.parameters())
    assert not feed.expand(feed.stored[:2]).requires_grad


def test_rows_come_with_their_labels(feed):
    stored, labels = feed.take(torch.tensor([7, 0]))
    assert torch.equal(stored, feed.stored[[7, 0]])
    assert labels.tolist() == [2, 0]


def test_a_subset_holds_its_rows_and_expands_alike(feed):
    subset = feed.subset(np.array([2, 9]))
    assert torch.equal(subset.stored, feed.stored[[2, 9]])
    assert subset.labels.tolist() == [0, 3]
    assert subset.expand is feed.expand


@pytest.fixture
def every_warning():
    """Torch shows most warnings once a process: an earlier test would hide them."""
    torch.set_warn_always(True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    torch.set_warn_always(False)


@pytest.mark.usefixtures("every_warning")
def test_images_that_are_mapped_for_reading_raise_no_warning(tmp_path, inputs, prefix, cpu):
    np.save(tmp_path / "inputs.npy", inputs.pixels)
    mapped = np.load(tmp_path / "inputs.npy", mmap_mode="r")
    feed = feed_of_pixels(Inputs(mapped, inputs.labels, inputs.images), prefix, cpu)
    assert np.array_equal(feed.stored[:, 0].numpy(), inputs.pixels)
