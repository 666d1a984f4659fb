"""Images on their way to the trainable part, with and without the frozen part's cache."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import to_input
from dagm_transfer.training.feed import GIB, cache_gib, cached_feed, pixel_feed


@pytest.fixture
def inputs(make_inputs) -> Inputs:
    return make_inputs(3)


@pytest.fixture
def prefix(make_network) -> nn.Sequential:
    return make_network().split(6)[0]


@pytest.fixture
def feed(inputs, prefix, cpu):
    return pixel_feed(inputs, prefix, "unit", cpu)


def test_images_are_stored_as_bytes_with_one_channel(feed, inputs):
    assert (feed.stored.dtype, feed.stored.shape) == (torch.uint8, (12, 1, 32, 32))
    assert np.array_equal(feed.stored[:, 0].numpy(), inputs.pixels)
    assert feed.labels.tolist() == inputs.labels.tolist()


def test_expanding_scales_the_images_and_runs_the_frozen_part(feed, prefix):
    expected = prefix(to_input(feed.stored, "unit"))
    torch.testing.assert_close(feed.expand(feed.stored), expected.detach())


def test_nothing_is_learned_through_the_frozen_part(feed, prefix):
    assert all(p.requires_grad for p in prefix.parameters())
    assert not feed.expand(feed.stored[:2]).requires_grad
    assert not cached_feed(feed, 5).stored.requires_grad


def test_rows_come_with_their_labels(feed):
    stored, labels = feed.take(torch.tensor([7, 0]))
    assert torch.equal(stored, feed.stored[[7, 0]])
    assert labels.tolist() == [2, 0]


def test_a_subset_holds_its_rows_and_expands_alike(feed):
    subset = feed.subset(np.array([2, 9]))
    assert torch.equal(subset.stored, feed.stored[[2, 9]])
    assert subset.labels.tolist() == [0, 3]
    assert subset.expand is feed.expand


@pytest.mark.parametrize("batch_size", [1, 5, 12, 100])
def test_a_cache_holds_what_expanding_gives(feed, batch_size):
    cached = cached_feed(feed, batch_size)
    assert cached.stored.dtype == torch.float32
    assert torch.equal(cached.labels, feed.labels)
    rows = torch.tensor([11, 3, 4])
    torch.testing.assert_close(
        cached.expand(cached.take(rows)[0]), feed.expand(feed.take(rows)[0]), rtol=1e-5, atol=1e-5
    )


def test_the_size_of_a_cache_is_known_before_it_is_made(feed):
    stored = cached_feed(feed, 4).stored
    assert cache_gib(feed) * GIB == stored.numel() * stored.element_size()


def test_the_cache_of_no_images_is_empty(make_inputs, prefix, cpu):
    assert cache_gib(pixel_feed(make_inputs(0), prefix, "unit", cpu)) == 0


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
    feed = pixel_feed(Inputs(mapped, inputs.labels, inputs.images), prefix, "unit", cpu)
    assert np.array_equal(feed.stored[:, 0].numpy(), inputs.pixels)
