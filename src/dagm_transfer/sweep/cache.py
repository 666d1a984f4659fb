"""Outputs of frozen layers on disk: made once, mapped by every trial that freezes as deep."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from numpy.lib.format import open_memmap
from torch import Tensor, nn

from dagm_transfer.core.files import beside, digest_of
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.events.identity import code_digest
from dagm_transfer.models.vgg16 import DEPTHS, HEAD_ONLY, VGG16
from dagm_transfer.training.feed import (
    GIB,
    Feed,
    Prefix,
    expander,
    full_batches,
    pixel_feed,
)

CLOCK_TICK = 100_000_000  # nanoseconds by which a file's time can lie behind the clock, and more
# On disk as in memory: channels last.
TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


class PrefixCache:
    """A folder of arrays; those of earlier sweeps give way, the least recently used first.

    Args:
        folder: where they lie; several processes may share it.
        max_gib: how much they may take together.
        depths: what trials are trainable from. One pass over the images makes the outputs before
            all of these, as far as there is room, for little more than those before one.
        data: digest of the images.
    """

    def __init__(self, folder: Path, max_gib: float, depths: Iterable[int], data: str):
        self._folder, self._max_gib, self._data = folder, max_gib, data
        self._code = [torch.__version__, code_digest([Path(__file__)])]
        self._depths = {depth for depth in depths if depth > 1}
        self._began = time.time_ns() - CLOCK_TICK

    def __call__(
        self, train: Inputs, val: Inputs, prefix: Prefix, device: torch.device
    ) -> tuple[Feed, Feed]:
        """Feeds of the frozen layers' outputs where these can be kept, else of the images."""
        scale, depth = prefix.input_scale, prefix.trainable_from
        images = {
            part: pixel_feed(inputs, nn.Sequential(), scale, device)
            for part, inputs in (("train", train), ("val", val))
        }
        kept = None
        if prefix.never_changes:
            about = [self._data, scale]
            kept = self.feeds(images, prefix.network, depth, about, prefix.batch_size)
        expand = expander(prefix.network.split(depth)[0], scale)
        fed = kept or {
            part: replace(feed, expand=expand, frozen=depth > 1) for part, feed in images.items()
        }
        return fed["train"], fed["val"]

    def feeds(
        self, images: Mapping[str, Feed], network: VGG16, depth: int, about: object, batch_size: int
    ) -> dict[str, Feed] | None:
        """Feeds of what lies before `depth`, exactly; None where that has no room in the cache.

        Args:
            images: by part; expand to what the network takes in.
            network: its layers before `depth` are frozen.
            depth: the first that trains, 2 or more.
            about: what the outputs hang on besides the weights: the data, the scale of the inputs.
            batch_size: how many images are computed at once; another number rounds otherwise.
        """
        device = next(iter(images.values())).labels.device
        weights = _digests(network)
        paths: dict[int, dict[str, Path]] = {}
        for each in self._depths | {depth}:
            key = digest_of([weights[each], self._code, about, batch_size, device.type])[:16]
            paths[each] = {part: self._folder / f"{key}.{part}.npy" for part in images}
        wanted = paths[depth].values()
        if not all(path.exists() for path in wanted):
            self._folder.mkdir(parents=True, exist_ok=True)
            # One makes them, the others wait for it.
            with FileLock(self._folder / "making.lock"):
                if not all(path.exists() for path in wanted):
                    self._make(images, network, depth, paths, batch_size)
        try:
            mapped = {part: _mapped(path) for part, path in paths[depth].items()}
        except FileNotFoundError:  # no room, or another worker needed it at this moment
            return None
        return {
            part: replace(images[part], stored=stored.to(device), expand=_same, frozen=True)
            for part, stored in mapped.items()
        }

    def _make(
        self,
        images: Mapping[str, Feed],
        network: VGG16,
        depth: int,
        paths: Mapping[int, Mapping[str, Path]],
        batch_size: int,
    ) -> None:
        shapes = _shapes(next(iter(images.values())), network, sorted(paths))
        for left in self._folder.glob(".*.npy.*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        count = sum(len(feed.stored) for feed in images.values())
        sizes = {each: 4 * count * int(np.prod(shapes[each])) for each in paths}
        space = int(self._max_gib * GIB) - self._in_use()
        chosen: list[int] = []
        for each in [depth, *sorted(set(paths) - {depth}, reverse=True)]:  # the deeper the smaller
            missing = not all(path.exists() for path in paths[each].values())
            if missing and sizes[each] <= space - sum(sizes[made] for made in chosen):
                chosen.append(each)
        if depth not in chosen:
            return
        self._make_room(sum(sizes[each] for each in chosen))
        for part, feed in images.items():
            self._make_part(
                feed,
                _segments(network, sorted(chosen)),
                {each: (paths[each][part], shapes[each]) for each in chosen},
                batch_size,
            )

    def _make_part(
        self,
        feed: Feed,
        segments: Mapping[int, nn.Sequential],
        targets: Mapping[int, tuple[Path, Sequence[int]]],
        batch_size: int,
    ) -> None:
        with ExitStack() as stack, torch.no_grad():
            arrays: dict[int, np.memmap[Any, np.dtype[np.float32]]] = {}
            for depth, (path, shape) in targets.items():
                draft = stack.enter_context(beside(path))
                arrays[depth] = open_memmap(
                    draft, mode="w+", dtype=np.float32, shape=(len(feed.stored), *shape)
                )
            first = 0
            for part, kept in full_batches(feed.stored, batch_size):
                outputs = feed.expand(part)
                for depth, segment in segments.items():
                    outputs = segment(outputs)
                    rows = outputs[:kept].permute(TO_LAST).cpu().numpy()
                    arrays[depth][first : first + kept] = rows
                first += kept

    def _in_use(self) -> int:
        """Bytes of what was used since this began: trials to come will want it as well."""
        stats = [path.stat() for path in self._folder.glob("*.npy")]
        return sum(stat.st_size for stat in stats if stat.st_mtime_ns >= self._began)

    def _make_room(self, needed: int) -> None:
        """Remove what was not used for the longest; who has it mapped still keeps it."""
        known = sorted(self._folder.glob("*.npy"), key=lambda path: path.stat().st_mtime_ns)
        room = self._max_gib * GIB - sum(path.stat().st_size for path in known)
        for path in known:
            if room >= needed:
                return
            room += path.stat().st_size
            path.unlink(missing_ok=True)


def _digests(network: VGG16) -> dict[int, str]:
    """For each depth, sha256 of the weights that lie before it."""
    sha = hashlib.sha256()
    digests: dict[int, str] = {}
    for depth in DEPTHS:
        digests[depth] = sha.hexdigest()
        for weights in network.conv(depth).parameters():
            sha.update(weights.detach().cpu().numpy().tobytes())
    return {**digests, HEAD_ONLY: sha.hexdigest()}


def _segments(network: VGG16, depths: Sequence[int]) -> dict[int, nn.Sequential]:
    """What lies between each of the rising depths and the one before it."""
    segments: dict[int, nn.Sequential] = {}
    done = 0
    for depth in depths:
        layers = list(network.split(depth)[0])
        segments[depth] = nn.Sequential(*layers[done:])
        done = len(layers)
    return segments


def _shapes(feed: Feed, network: VGG16, depths: Sequence[int]) -> dict[int, Sequence[int]]:
    """What one image is before each depth, channels last."""
    shapes: dict[int, Sequence[int]] = {}
    with torch.no_grad():
        outputs = feed.expand(feed.stored[:1])
        for depth, segment in _segments(network, depths).items():
            outputs = segment(outputs)
            shapes[depth] = outputs.permute(TO_LAST).shape[1:]
    return shapes


def _mapped(path: Path) -> Tensor:
    os.utime(path)
    # Mapped copy-on-write: nobody writes, and torch asks for memory that it could write to.
    return torch.from_numpy(np.load(path, mmap_mode="c")).permute(TO_FIRST)


def _same(outputs: Tensor) -> Tensor:
    return outputs
