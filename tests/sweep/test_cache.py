"""Outputs of frozen layers on disk: exact, shared, bounded."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from small import small_inputs, small_network
from torch import nn

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.sweep.cache import PrefixCache
from dagm_transfer.training.feed import (
    Prefix,
    cache_gib,
    cached_feed,
    expander,
    feeds_in_memory,
    pixel_feed,
)


@pytest.fixture
def network():
    return small_network()


@pytest.fixture
def images():
    """Feeds of both parts, as the network takes them in."""
    random = np.random.default_rng(0)
    feeds = {}
    for part, count in (("train", 9), ("val", 5)):
        pixels = random.integers(0, 256, (count, 32, 32), dtype=np.uint8)
        inputs = Inputs(pixels, np.arange(count) % 4, [""] * count)
        feeds[part] = pixel_feed(inputs, nn.Sequential(), "unit", torch.device("cpu"))
    return feeds


def expected(images, network, depth):
    """What memory would hold."""
    expand = expander(network.split(depth)[0], "unit")
    return {part: cached_feed(replace(feed, expand=expand), 4) for part, feed in images.items()}


def gib(images, network, depth):
    """How much the outputs before a depth take."""
    expand = expander(network.split(depth)[0], "unit")
    return sum(cache_gib(replace(feed, expand=expand)) for feed in images.values())


@pytest.mark.parametrize("depths", [[], [3, 11, 14], [12]])
def test_what_lies_on_disk_is_what_memory_would_hold(tmp_path, images, network, depths):
    cache = PrefixCache(tmp_path, 1.0, depths, "d1")
    for _ in range(2):  # made, then read
        found = cache.feeds(images, network, 11, "data", 4)
        for part, wanted in expected(images, network, 11).items():
            assert torch.equal(found[part].stored, wanted.stored)
            assert found[part].stored.stride() == wanted.stored.stride()
            assert torch.equal(found[part].labels, wanted.labels)
            rows = torch.tensor([3, 1])
            assert torch.equal(found[part].expand(found[part].take(rows)[0]), wanted.stored[rows])


def test_one_pass_makes_what_all_depths_of_a_sweep_need(tmp_path, images, network, monkeypatch):
    cache = PrefixCache(tmp_path, 1.0, [1, 8, 11, 14], "d1")
    cache.feeds(images, network, 11, "data", 4)
    assert len(list(tmp_path.glob("*.npy"))) == 2 * 3
    monkeypatch.setattr(PrefixCache, "_make", None)
    for depth in (8, 11, 14):
        found = cache.feeds(images, network, depth, "data", 4)
        wanted = expected(images, network, depth)
        assert all(torch.equal(found[part].stored, wanted[part].stored) for part in wanted)


def test_other_data_weights_depths_or_batches_are_other_outputs(tmp_path, images, network):
    cache = PrefixCache(tmp_path, 1.0, [], "d1")

    def number() -> int:
        return len(list(tmp_path.glob("*.train.npy")))

    cache.feeds(images, network, 11, "data", 4)
    assert number() == 1
    cache.feeds(images, network, 11, "other data", 4)
    assert number() == 2
    cache.feeds(images, network, 11, "data", 3)
    assert number() == 3
    cache.feeds(images, network, 12, "data", 4)
    assert number() == 4
    with torch.no_grad():
        network.conv(11).weight.mul_(1.01)  # not frozen at 11: the same outputs
    cache.feeds(images, network, 11, "data", 4)
    assert number() == 4
    with torch.no_grad():
        network.conv(1).weight.mul_(1.01)
    cache.feeds(images, network, 11, "data", 4)
    assert number() == 5


def test_what_does_not_fit_is_not_kept(tmp_path, images, network):
    needed = gib(images, network, 11)
    cache = PrefixCache(tmp_path, 0.99 * needed, [], "d1")
    assert cache.feeds(images, network, 11, "data", 4) is None
    assert not list(tmp_path.glob("*.npy"))


def test_of_the_depths_of_a_sweep_the_small_ones_are_kept_first(tmp_path, images, network):
    room = gib(images, network, 11) + gib(images, network, 14)
    cache = PrefixCache(tmp_path, 1.01 * room, [2, 11, 14], "d1")
    assert cache.feeds(images, network, 11, "data", 4)
    assert len(list(tmp_path.glob("*.train.npy"))) == 2
    assert cache.feeds(images, network, 2, "data", 4) is None


def test_what_earlier_sweeps_used_longest_ago_gives_way(tmp_path, images, network):
    # Room for two, with what the files' headers take.
    room = 2 * gib(images, network, 11) + 600 / 2**30
    cache = PrefixCache(tmp_path, room, [], "d1")
    first = cache.feeds(images, network, 11, "first", 4)["train"].stored
    before = first.clone()
    of_first = set(tmp_path.glob("*.npy"))
    time.sleep(0.05)  # longer than a file system's clock ticks
    cache.feeds(images, network, 11, "second", 4)
    of_second = set(tmp_path.glob("*.npy")) - of_first
    time.sleep(0.2)
    later = PrefixCache(tmp_path, room, [], "d1")
    later.feeds(images, network, 11, "first", 4)
    later.feeds(images, network, 11, "third", 4)
    left = set(tmp_path.glob("*.npy"))
    assert of_first <= left
    assert not of_second <= left
    assert later.feeds(images, network, 11, "fourth", 4) is None, "both are in use"
    assert set(tmp_path.glob("*.npy")) == left
    assert torch.equal(first, before), "what is mapped outlives its file"


def test_trials_are_fed_what_a_single_training_is_fed(tmp_path, network):
    cpu = torch.device("cpu")
    parts = small_inputs(3), small_inputs(2, seed=1)
    on_disk, in_memory = PrefixCache(tmp_path, 1.0, [11], "d1"), feeds_in_memory(1.0)
    for kept in (True, False):
        prefix = Prefix(network, 11, "unit", batch_size=5, never_changes=kept)
        for ours, theirs in zip(
            on_disk(*parts, prefix, cpu), in_memory(*parts, prefix, cpu), strict=True
        ):
            assert torch.equal(ours.stored, theirs.stored)
            assert torch.equal(ours.expand(ours.stored[:5]), theirs.expand(theirs.stored[:5]))
            assert torch.equal(ours.labels, theirs.labels)
    assert len(list(tmp_path.glob("*.npy"))) == 2
