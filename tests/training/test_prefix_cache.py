"""Outputs of frozen layers on disk: exact, shared, bounded."""

import time

import numpy as np
import pytest
import torch
from small import small_network

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.training.feed import Prefix, feeds_of_pixels, full_batches
from dagm_transfer.training.prefix_cache import GIB, PrefixCache

CPU = torch.device("cpu")
HEADER = 128  # bytes of a file, before its numbers


@pytest.fixture
def network():
    return small_network()


@pytest.fixture
def ask(network):
    """Ask a cache for the feeds before a depth."""

    def feeds(cache, depth, *, seed=0, batch_size=4, never_changes=True):
        prefix = Prefix(network, depth, "unit", batch_size, never_changes=never_changes)
        return cache(images(9, seed), images(5, seed + 100), prefix, CPU)

    return feeds


def images(count, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 32, 32), dtype=np.uint8)
    return Inputs(pixels, np.arange(count) % 4, [""] * count)


def computed(feed, batch_size=4):
    """What the frozen layers put out, batch by batch."""
    return torch.cat(
        [feed.expand(part)[:kept] for part, kept in full_batches(feed.stored, batch_size)]
    )


def gib(ask, depth):
    """How much the outputs before a depth take."""
    outputs = sum(computed(feed).numel() for feed in ask(feeds_of_pixels, depth))
    return (4 * outputs + 2 * HEADER) / GIB


def files(folder):
    return set(folder.glob("*.npy"))


def is_cached(feeds):
    return [feed.stored.dtype == torch.float32 for feed in feeds] == [True, True]


@pytest.mark.parametrize("depths", [[], [3, 11, 14], [12], [1, 8, 11]])
def test_what_is_kept_is_what_would_be_computed(tmp_path, ask, depths):
    cache = PrefixCache(tmp_path, 1.0, depths)
    for _ in range(2):  # made, then read
        found = ask(cache, 11)
        assert is_cached(found)
        for kept, plain in zip(found, ask(feeds_of_pixels, 11), strict=True):
            assert torch.equal(kept.stored, computed(plain))
            assert kept.stored[:4].stride() == computed(plain)[:4].stride()
            assert torch.equal(kept.labels, plain.labels)
            rows = torch.tensor([3, 1])
            assert torch.equal(kept.expand(kept.take(rows)[0]), computed(plain)[rows])


def test_one_pass_makes_what_the_earlier_depths_of_a_sweep_need(tmp_path, ask):
    cache = PrefixCache(tmp_path, 1.0, [1, 8, 11, 14])
    ask(cache, 14)
    made = files(tmp_path)
    assert len(made) == 2 * 3
    for depth in (8, 11, 14):
        found = ask(cache, depth)
        plain = ask(feeds_of_pixels, depth)
        assert all(
            torch.equal(kept.stored, computed(feed))
            for kept, feed in zip(found, plain, strict=True)
        )
    assert files(tmp_path) == made


def test_what_augmentation_changes_is_not_kept(tmp_path, ask):
    cache = PrefixCache(tmp_path, 1.0)
    assert not any(is_cached([feed, feed]) for feed in ask(cache, 11, never_changes=False))
    assert not files(tmp_path)


def test_other_images_weights_depths_or_batches_are_other_outputs(tmp_path, ask, network):
    cache = PrefixCache(tmp_path, 1.0)

    def number() -> int:
        return len(files(tmp_path)) // 2

    ask(cache, 11)
    assert number() == 1
    ask(cache, 11, seed=1)
    assert number() == 2
    ask(cache, 11, batch_size=3)
    assert number() == 3
    ask(cache, 12)
    assert number() == 4
    with torch.no_grad():
        network.conv(11).weight.mul_(1.01)  # not frozen at 11: the same outputs
    ask(cache, 11)
    assert number() == 4
    with torch.no_grad():
        network.conv(1).weight.mul_(1.01)
    ask(cache, 11)
    assert number() == 5


def test_what_does_not_fit_is_not_kept(tmp_path, ask):
    cache = PrefixCache(tmp_path, 0.3 * gib(ask, 11))
    assert not any(is_cached([feed, feed]) for feed in ask(cache, 11))
    assert not files(tmp_path)


def test_what_is_asked_for_has_room_before_what_it_is_made_from(tmp_path, ask):
    cache = PrefixCache(tmp_path, 1.01 * (gib(ask, 11) + gib(ask, 14)), [2, 11, 14])
    assert is_cached(ask(cache, 14))
    assert len(files(tmp_path)) == 4
    assert is_cached(ask(cache, 11))
    assert not any(is_cached([feed, feed]) for feed in ask(cache, 2))


def test_what_was_used_longest_ago_gives_way_but_not_to_its_own_sweep(tmp_path, ask):
    room = 2 * gib(ask, 11)
    cache = PrefixCache(tmp_path, room)
    first = ask(cache, 11)[0].stored
    before = first.clone()
    of_first = files(tmp_path)
    time.sleep(0.05)  # longer than a file system's clock ticks
    ask(cache, 11, seed=1)
    of_second = files(tmp_path) - of_first
    time.sleep(0.2)
    later = PrefixCache(tmp_path, room)
    ask(later, 11)
    ask(later, 11, seed=2)
    left = files(tmp_path)
    assert of_first <= left
    assert not of_second <= left
    assert not any(is_cached([feed, feed]) for feed in ask(later, 11, seed=3)), "both are in use"
    assert files(tmp_path) == left
    assert torch.equal(first, before), "what is mapped outlives its file"


def test_what_a_killed_process_left_half_made_is_removed(tmp_path, ask):
    left = tmp_path / ".0123.npy.abc"
    left.mkdir(parents=True)
    ask(PrefixCache(tmp_path, 1.0), 11)
    assert not left.exists()
