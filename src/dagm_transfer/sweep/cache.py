"""Outputs of frozen layers on disk: made once, mapped by every trial that freezes as deep."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor, nn

from dagm_transfer.files import beside, digest_of, digest_of_arrays
from dagm_transfer.training.feed import GIB, Feed, cache_gib, cached_feed

# On disk as in memory: channels last.
TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


class PrefixCache:
    """A folder of arrays, the least recently used of which give way.

    Args:
        folder: where they lie; several processes may share it.
        max_gib: how much they may take together.
    """

    def __init__(self, folder: Path, max_gib: float):
        self._folder, self._max_gib = folder, max_gib

    def feeds(
        self, feeds: Mapping[str, Feed], prefix: nn.Sequential, about: object, batch_size: int
    ) -> dict[str, Feed]:
        """The feeds with the frozen part's outputs in place of the images, exactly.

        Where these would not fit into the cache the feeds stay as they are.

        Args:
            feeds: of images, by part; each expands through `prefix`.
            prefix: the frozen part.
            about: whatever else the outputs hang on: the data, the scale of the inputs.
            batch_size: how many images are computed at once; another number rounds otherwise.
        """
        needed = sum(map(cache_gib, feeds.values()))
        if needed > self._max_gib:
            return dict(feeds)
        weights = {name: p.detach().cpu().numpy() for name, p in prefix.named_parameters()}
        device = next(iter(feeds.values())).labels.device
        key = digest_of([digest_of_arrays(weights), about, batch_size, device.type])[:16]
        return {
            part: self._feed(self._folder / f"{key}.{part}.npy", feed, batch_size)
            for part, feed in feeds.items()
        }

    def _feed(self, path: Path, feed: Feed, batch_size: int) -> Feed:
        stored = self._array(path, lambda: cached_feed(feed, batch_size).stored, cache_gib(feed))
        return Feed(stored.to(feed.labels.device), feed.labels, lambda outputs: outputs)

    def _array(self, path: Path, make: Callable[[], Tensor], gib: float) -> Tensor:
        self._folder.mkdir(parents=True, exist_ok=True)
        # One makes it, the others wait for it.
        with FileLock(path.with_suffix(".lock")):
            if not path.exists():
                self._make_room(gib)
                with beside(path) as draft, draft.open("wb") as file:
                    np.save(file, make().permute(TO_LAST).contiguous().cpu().numpy())
            os.utime(path)
            # Mapped copy-on-write: nobody writes, and torch asks for memory that it could write to.
            return torch.from_numpy(np.load(path, mmap_mode="c")).permute(TO_FIRST)

    def _make_room(self, gib: float) -> None:
        """Remove what was not used for the longest; who has it mapped still keeps it."""
        known = sorted(self._folder.glob("*.npy"), key=lambda path: path.stat().st_mtime)
        room = self._max_gib * GIB - sum(path.stat().st_size for path in known)
        for path in known:
            if room >= gib * GIB:
                return
            room += path.stat().st_size
            path.unlink(missing_ok=True)
