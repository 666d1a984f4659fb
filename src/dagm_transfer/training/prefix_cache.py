"""Outputs of frozen layers on disk: computed once, mapped by every run and trial that freezes them.

An output depends on the weights before it, the images, their scale, the batch size (another one
rounds otherwise), the code and the environment: all of these are in the name of its file.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from numpy.lib.format import open_memmap
from torch import Tensor, nn

from dagm_transfer.core.files import beside, digest_of, digest_of_arrays
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.events.identity import code_digest
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.device import environment
from dagm_transfer.training.feed import Feed, Prefix, expander, feed_of_pixels, full_batches

GIB = 2**30
CLOCK_TICK = 100_000_000  # nanoseconds by which a file's time can lie behind the clock, and more
TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)  # on disk as in memory: channels last


class PrefixCache:
    """Makes feeds of frozen layers' outputs, where these can be kept; else of the images.

    Args:
        folder: of the outputs; several processes may share it.
        max_gib: how much it may take. What was not used for the longest gives way, but nothing
            that was used since this began: outputs that do not fit together would evict each other.
        depths: that will be asked for: each is made from the one before it, so that all of them
            take one pass through the network.
    """

    def __init__(self, folder: Path, max_gib: float, depths: Iterable[int] = ()):
        self._folder, self._bytes = folder, int(max_gib * GIB)
        self._depths = [depth for depth in depths if depth > 1]
        self._code = code_digest([Path(__file__)])
        self._began = time.time_ns() - CLOCK_TICK

    def __call__(
        self, train: Inputs, val: Inputs, prefix: Prefix, device: torch.device
    ) -> tuple[Feed, Feed]:
        """Feeds of what the prefix puts out, exactly as it would be computed."""
        first, second = (feed_of_pixels(inputs, prefix, device) for inputs in (train, val))
        if not prefix.never_changes:
            return first, second
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / "making.lock"):  # one makes them, the others wait for it
            return self._cached(first, prefix), self._cached(second, prefix)

    def _cached(self, feed: Feed, prefix: Prefix) -> Feed:
        images = digest_of_arrays({"images": feed.stored.cpu().numpy()})
        surroundings = environment(feed.stored.device)
        about = [self._code, images, prefix.input_scale, prefix.batch_size, surroundings]
        stored = self._outputs(feed, prefix, about, prefix.trainable_from, reserve=0)
        if stored is None:
            return feed
        return replace(feed, stored=stored.to(feed.labels.device), expand=_same)

    def _outputs(
        self, feed: Feed, prefix: Prefix, about: list[object], depth: int, *, reserve: int
    ) -> Tensor | None:
        """What comes out before a depth, made where it is not there; None: there is no room.

        So many bytes are to be left free for what is made from it.
        """
        file = self._folder / f"{digest_of([_digest(prefix.network, depth), *about])[:24]}.npy"
        if not file.exists():
            layers = list(prefix.network.split(depth)[0])
            expand = expander(nn.Sequential(*layers), prefix.input_scale)
            shape = expand(feed.stored[:1]).permute(TO_LAST).shape[1:]
            size = 4 * len(feed.stored) * int(np.prod(shape))
            if not self._make_room(size, reserve):
                return None
            source, earlier = feed.stored, max((d for d in self._depths if d < depth), default=1)
            if earlier > 1:
                outputs = self._outputs(feed, prefix, about, earlier, reserve=reserve + size)
                if outputs is not None:
                    done = len(prefix.network.split(earlier)[0])
                    source, expand = outputs, nn.Sequential(*layers[done:])
            kept = (len(feed.stored), *shape)
            _write(file, source, expand, kept, prefix.batch_size, feed.stored.device)
        os.utime(file)
        # Mapped copy-on-write: nobody writes, and torch asks for memory that it could write to.
        return torch.from_numpy(np.load(file, mmap_mode="c")).permute(TO_FIRST)

    def _make_room(self, size: int, reserve: int) -> bool:
        """Remove old outputs until there is room; who has a file mapped still keeps it."""
        for left in self._folder.glob(".*.npy.*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        files = [(file, file.stat()) for file in self._folder.glob("*.npy")]
        files.sort(key=lambda file: file[1].st_mtime_ns)
        old = [(file, status) for file, status in files if status.st_mtime_ns < self._began]
        room = self._bytes - reserve - sum(status.st_size for _, status in files)
        if room + sum(status.st_size for _, status in old) < size:
            return False
        if shutil.disk_usage(self._folder).free < size:  # a full disk kills whoever writes mapped
            return False
        while room < size:
            file, status = old.pop(0)
            file.unlink()
            room += status.st_size
        return True


def _write(
    file: Path,
    stored: Tensor,
    expand: Callable[[Tensor], Tensor],
    shape: tuple[int, ...],
    batch_size: int,
    device: torch.device,
) -> None:
    """One pass over stored rows, in batches of one size; they may lie elsewhere than the layers."""
    with beside(file) as draft, torch.no_grad():
        array, first = open_memmap(draft, mode="w+", dtype=np.float32, shape=shape), 0
        for part, kept in full_batches(stored, batch_size):
            array[first : first + kept] = (
                expand(part.to(device))[:kept].permute(TO_LAST).cpu().numpy()
            )
            first += kept


def _digest(network: VGG16, depth: int) -> str:
    """Sha256 of the weights that lie before a depth."""
    weights = network.split(depth)[0].state_dict()
    return digest_of_arrays({name: tensor.cpu().numpy() for name, tensor in weights.items()})


def _same(outputs: Tensor) -> Tensor:
    return outputs
