"""A folder of DAGM-style images in the official layout."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from dagm_transfer.core.files import beside
from dagm_transfer.data.kinds.dagm.release import group_name
from dagm_transfer.data.kinds.synthetic.draw import MIN_SIZE, TEXTURES, draw_image
from dagm_transfer.data.raw_index import write_index
from dagm_transfer.data.record import HALVES, Record

OFFICIAL: Final = (1000, 150)
"""Normal and defective images a texture, in the original development textures."""

OFFICIAL_TEST_DEFECTIVE: Final = {1: 71, 2: 84, 3: 84, 4: 68, 5: 80, 6: 67}
"""Of the 150 defective ones, those in Test (from the original Labels.txt)."""

_SPLIT_STREAM: Final = 7
"""Set apart from the streams of the images, whose third number is an index and fourth a flag."""


@dataclass(frozen=True)
class _Task:
    """One image to draw and where to put it."""

    folder: Path
    number: int
    texture: int
    defective: bool
    index: int
    seed: int
    size: int

    @property
    def image(self) -> str:
        return f"{self.number:04d}.PNG"

    @property
    def mask(self) -> str:
        return f"Label/{self.number:04d}_label.PNG"


def write_dataset(
    folder: Path,
    *,
    textures: Sequence[int],
    normal: int,
    defective: int,
    seed: int,
    size: int,
    workers: int,
    on_image: Callable[[int, int], None] | None = None,
) -> None:
    """Write `ClassN/{Train,Test}` with images, `Label/` masks and `Label/Labels.txt`, and an index.

    Images are split at random into halves, Test numbered first, then Train, as in the
    original; with the original's 1,000 and 150 images each half gets the original's number
    of defective ones, else as many as the other (an odd one goes to Train). The bytes depend
    on the arguments alone, not on workers. The folder is whole or as it was before.

    Args:
        folder: To be made; one that is there is replaced.
        textures: Out of 1 to 6, each once.
        normal: Images without a defect, for each texture.
        defective: Images with one, for each texture.
        seed: Of everything random; not negative.
        size: Side of the images in pixels.
        workers: Processes that draw; 1 draws in this one.
        on_image: Called after each image with how many are done and how many there are.

    Raises:
        ValueError: Where an argument is out of range.
    """
    _check(textures, normal, defective, seed, size, workers)
    with beside(folder) as made:
        tasks: list[_Task] = []
        for texture in textures:
            for half, first, images in _halves(texture, normal, defective, seed):
                target = made / f"Class{texture}" / half
                (target / "Label").mkdir(parents=True)
                (target / "Label" / "Labels.txt").write_bytes(
                    labels_text(first, [flag for flag, _ in images])
                )
                tasks += [
                    _Task(target, first + place_in_half, texture, flag, index, seed, size)
                    for place_in_half, (flag, index) in enumerate(images)
                ]
        for done, _ in enumerate(_drawn(tasks, workers), start=1):
            if on_image is not None:
                on_image(done, len(tasks))
        # A texture's Train before its Test, as its images are read everywhere else.
        in_order = sorted(
            tasks, key=lambda t: (textures.index(t.texture), t.folder.name == "Test", t.number)
        )
        write_index(made, [_record(task, made) for task in in_order])


def labels_text(first: int, flags: Sequence[bool]) -> bytes:
    r"""Compose a `Labels.txt` as the original has it.

    Args:
        first: Number of the first image.
        flags: Whether each image is defective, in order.

    Returns:
        The file's bytes: a line `1`, then number, flag, image, 0 and mask (or 0 and a tab),
        tabs between, lines ended by carriage return and line feed.

    Example:
        >>> labels_text(7, [True, False])
        b'1\r\n0007\t1\t0007.PNG\t0\t0007_label.PNG\r\n0008\t0\t0008.PNG\t0\t0\t\r\n'
    """
    lines = ["1"]
    for number, flag in enumerate(flags, start=first):
        # The original ends a normal image's line with a tab, a defective one's without.
        mask = f"{number:04d}_label.PNG" if flag else "0\t"
        lines.append(f"{number:04d}\t{int(flag)}\t{number:04d}.PNG\t0\t{mask}")
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _check(
    textures: Sequence[int], normal: int, defective: int, seed: int, size: int, workers: int
) -> None:
    unknown = [t for t in textures if t not in TEXTURES]
    if unknown or not textures or len(set(textures)) < len(textures):
        raise ValueError(f"textures must be some of 1..6, each once, not {list(textures)}")
    if normal < 0 or defective < 0 or normal + defective == 0:
        raise ValueError(f"counts must not be negative nor both 0: {normal} and {defective}")
    if seed < 0 or workers < 1 or size < MIN_SIZE:
        raise ValueError(
            f"seed must be at least 0, workers 1, size {MIN_SIZE}: {seed}, {workers}, {size}"
        )


def _halves(
    texture: int, normal: int, defective: int, seed: int
) -> Iterator[tuple[str, int, list[tuple[bool, int]]]]:
    """The halves: name, number of the first image, and (defective, index) in order."""
    rng = np.random.default_rng([seed, texture, _SPLIT_STREAM])
    test_defective = defective // 2
    test_normal = normal // 2
    if (normal, defective) == OFFICIAL:
        test_defective = OFFICIAL_TEST_DEFECTIVE[texture]
        test_normal = sum(OFFICIAL) // 2 - test_defective
    normals = [(False, int(i)) for i in rng.permutation(normal)]
    defectives = [(True, int(i)) for i in rng.permutation(defective)]
    first = 1
    for half, images in (
        ("Test", normals[:test_normal] + defectives[:test_defective]),
        ("Train", normals[test_normal:] + defectives[test_defective:]),
    ):
        yield half, first, [images[i] for i in rng.permutation(len(images))]
        first += len(images)


def _drawn(tasks: Sequence[_Task], workers: int) -> Iterator[None]:
    """Write all images, in order."""
    if workers == 1:
        yield from map(_write_image, tasks)
        return
    # Spawned, not forked: a fork of a process with threads (torch, BLAS) can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        try:
            yield from pool.map(_write_image, tasks, chunksize=8)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _record(task: _Task, root: Path) -> Record:
    folder = task.folder.relative_to(root)
    return Record(
        path=folder / task.image,
        group=group_name(task.texture),
        defective=task.defective,
        half=HALVES[folder.name],
        mask=folder / task.mask if task.defective else None,
    )


def _write_image(task: _Task) -> None:
    drawn = draw_image(
        task.texture,
        defective=task.defective,
        seed=task.seed,
        index=task.index,
        size=task.size,
    )
    Image.fromarray(drawn.pixels).save(task.folder / task.image)
    if drawn.ellipse is not None:
        mask = drawn.ellipse.mask(task.size, task.size)
        Image.fromarray((mask * 255).astype(np.uint8)).save(task.folder / task.mask)
