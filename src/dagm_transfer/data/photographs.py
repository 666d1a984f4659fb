"""Photographs as the network sees them: grey, cut or resized like the inspected images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_images

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of, digest_of_arrays, digest_of_file
from dagm_transfer.data.patches import Corner, cut
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.data.resize import Filter, resize

Bytes = NDArray[np.uint8]

ENDINGS = (".png", ".jpg", ".jpeg")
SHIPPED = "photographs"  # the domain that there is without any folder


@dataclass(frozen=True)
class View:
    """How inputs are made of an image: as the facts of the prepared data have it."""

    patches: bool  # windows at native resolution; else the whole image, resized
    size: int
    filter: Filter


@dataclass(frozen=True)
class Photographs:
    """A domain of photographs.

    Attributes:
        name: of the folder.
        inputs: grey, [N, size, size]; `images` are the photographs, `labels` all 0.
        digest: of the content of all that were read.
    """

    name: str
    inputs: Inputs
    digest: str


def shipped_photographs(view: View, most: int) -> Photographs:
    """Windows of the two photographs that ship with scikit-learn, as many of each.

    Windows in any case: two whole images would be two points.
    """
    shipped = load_sample_images()
    images = [np.asarray(Image.fromarray(image).convert("L")) for image in shipped.images]
    names = [Path(name).name for name in shipped.filenames]
    windows = View(patches=True, size=view.size, filter=view.filter)
    each = max(1, most // len(images))
    pixels = [list(_inputs(image, windows, each)) for image in images]
    return Photographs(
        name=SHIPPED,
        inputs=_as_inputs(dict(zip(names, pixels, strict=True))),
        digest=digest_of_arrays(dict(zip(names, images, strict=True))),
    )


def photographs_in(folder: Path, view: View, most: int) -> Photographs:
    """The photographs below a folder, png and jpg, as at most so many inputs.

    Where there are more photographs than inputs, they are taken evenly in the order of their
    names; where there are fewer, each gives several windows. Smaller ones than the input are
    enlarged.

    Raises:
        UserError: there is no such folder, it holds no photograph, or one cannot be read.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; mend embed.photographs in params.yaml")
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()
    )
    if not files:
        raise UserError(f"{folder}: holds no png or jpg; mend embed.photographs in params.yaml")
    chosen = [files[place] for place in _spread(len(files), most)]
    each = max(1, most // len(chosen))
    by_name = {path.relative_to(folder).as_posix(): path for path in chosen}
    pixels = {name: list(_inputs(read_pixels(path), view, each)) for name, path in by_name.items()}
    digests = {name: digest_of_file(path) for name, path in by_name.items()}
    return Photographs(folder.resolve().name, _as_inputs(pixels), digest_of(digests))


def spread_corners(shape: tuple[int, int], size: int, count: int) -> list[Corner]:
    """At most so many windows on an even grid over an image, no two of them the same.

    Args:
        shape: height and width of the image, neither below `size`.
        size: of a window, in pixels.
        count: of windows.

    >>> spread_corners((64, 128), 64, 2), spread_corners((64, 128), 64, 1)
    ([(0, 0), (64, 0)], [(32, 0)])
    """
    down, right = shape[0] - size, shape[1] - size  # how far a window can be moved
    rows = round((count * (down + 1) / (right + 1)) ** 0.5)
    rows = max(1, min(rows, count, down + 1))
    columns = min(-(-count // rows), right + 1)
    grid = [(x, y) for y in _steps(down, rows) for x in _steps(right, columns)]
    return [grid[place] for place in _spread(len(grid), count)]


def _as_inputs(pixels: Mapping[str, Sequence[Bytes]]) -> Inputs:
    names = [name for name, some in pixels.items() for _ in some]
    stack = np.stack([one for some in pixels.values() for one in some])
    return Inputs(stack, np.zeros(len(names), dtype=np.int64), names)


def _inputs(image: Bytes, view: View, count: int) -> Iterator[Bytes]:
    if not view.patches:
        yield resize(image, view.size, view.filter)
        return
    side = min(view.size, *image.shape)
    corners = spread_corners((image.shape[0], image.shape[1]), side, count)
    for window in cut(image, corners, side):
        yield window if side == view.size else resize(window, view.size, view.filter)


def _steps(last: int, count: int) -> list[int]:
    if count == 1:
        return [last // 2]
    return [int(step) for step in np.linspace(0, last, count).round()]


def _spread(count: int, most: int) -> list[int]:
    """At most so many of the first `count` whole numbers, evenly."""
    return [place * count // min(count, most) for place in range(min(count, most))]
