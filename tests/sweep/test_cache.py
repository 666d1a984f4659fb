"""Outputs of frozen layers on disk: exact, shared, bounded."""

import time

import numpy as np
import pytest
import torch

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models import vgg16
from dagm_transfer.models.initial import initial_network
from dagm_transfer.sweep.cache import PrefixCache
from dagm_transfer.training.feed import cache_gib, cached_feed, pixel_feed

BLOCKS = ((4, 4), (4, 4), (8, 8, 8), (8, 8, 8), (8, 8, 8))


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(vgg16, "BLOCKS", BLOCKS)
    return initial_network(init="he", seed=0, labels=4, head="gap", size=32, trunk={})


@pytest.fixture
def made(network):
    """Feeds of both parts through what lies before depth 11, and that."""
    random = np.random.default_rng(0)
    prefix, _ = network.split(11)

    def make(seed_shift: int = 0) -> dict:
        return {
            part: pixel_feed(
                Inputs(random.integers(0, 256, (count, 32, 32), dtype=np.uint8),
                       np.arange(count) % 4, [""] * count),
                prefix, "unit", torch.device("cpu"),
            )
            for part, count in (("train", 9), ("val", 5 + seed_shift))
        }  # fmt: skip

    return make(), prefix


def test_what_lies_on_disk_is_what_memory_would_hold(tmp_path, made):
    feeds, prefix = made
    cache = PrefixCache(tmp_path, 1.0)
    for _ in range(2):  # made, then read
        found = cache.feeds(feeds, prefix, "data", 4)
        for part, feed in feeds.items():
            expected = cached_feed(feed, 4)
            assert torch.equal(found[part].stored, expected.stored)
            assert found[part].stored.stride() == expected.stored.stride()
            assert torch.equal(found[part].labels, feed.labels)
            rows = torch.tensor([3, 1])
            assert torch.equal(found[part].expand(found[part].take(rows)[0]), expected.stored[rows])


def test_it_is_computed_once(tmp_path, made, monkeypatch):
    feeds, prefix = made
    PrefixCache(tmp_path, 1.0).feeds(feeds, prefix, "data", 4)
    monkeypatch.setattr("dagm_transfer.sweep.cache.cached_feed", None)
    PrefixCache(tmp_path, 1.0).feeds(feeds, prefix, "data", 4)


def test_other_data_weights_depths_or_batches_are_other_outputs(tmp_path, made, network):
    feeds, prefix = made
    cache = PrefixCache(tmp_path, 1.0)

    def number() -> int:
        return len(list(tmp_path.glob("*.train.npy")))

    cache.feeds(feeds, prefix, "data", 4)
    assert number() == 1
    cache.feeds(feeds, prefix, "other data", 4)
    assert number() == 2
    cache.feeds(feeds, prefix, "data", 3)
    assert number() == 3
    deeper, _ = network.split(12)
    cache.feeds(feeds, deeper, "data", 4)
    assert number() == 4
    with torch.no_grad():
        network.conv(1).weight.mul_(1.01)
    cache.feeds(feeds, prefix, "data", 4)
    assert number() == 5


def test_what_does_not_fit_is_not_kept(tmp_path, made):
    feeds, prefix = made
    needed = sum(map(cache_gib, feeds.values()))
    assert PrefixCache(tmp_path, 0.99 * needed).feeds(feeds, prefix, "data", 4) == feeds
    assert not list(tmp_path.iterdir())


def test_the_least_recently_used_gives_way(tmp_path, made):
    feeds, prefix = made
    # Room for two, with what the files' headers take.
    cache = PrefixCache(tmp_path, 2 * sum(map(cache_gib, feeds.values())) + 600 / 2**30)
    first = cache.feeds(feeds, prefix, "first", 4)["train"].stored
    before = first.clone()
    of_first = set(tmp_path.glob("*.npy"))
    time.sleep(0.05)  # longer than a file system's clock ticks
    cache.feeds(feeds, prefix, "second", 4)
    of_second = set(tmp_path.glob("*.npy")) - of_first
    time.sleep(0.05)
    cache.feeds(feeds, prefix, "first", 4)
    cache.feeds(feeds, prefix, "third", 4)
    left = set(tmp_path.glob("*.npy"))
    assert of_first <= left
    assert not of_second & left
    assert torch.equal(first, before), "what is mapped outlives its file"
