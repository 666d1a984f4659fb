"""Defective whole images, with their weak labels where the data have any."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.prepared import Part, Prepared

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Read = Callable[[str], Bytes]
STRIDE = 16  # pixels of its input from cell to cell of the last convolution: four pools before it
PARTS: tuple[Part, ...] = ("train", "val", "test")
SHAPE = ("x", "y", "semi_major", "semi_minor", "angle")


@dataclass(frozen=True)
class WholeImage:
    """A defective image.

    Attributes:
        name: of the raw image.
        group: its own.
        label: `2 * group_index + 1`.
        pixels: grey [H, W], as it was photographed or drawn.
        seen: what the networks take in: the same, or resized as prepared.
        mask: the weak label, [H, W]; None where the data have none.
    """

    name: str
    group: str
    label: int
    pixels: Bytes
    seen: Bytes
    mask: Bools | None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the image."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the image to one that is seen, down and across."""
        (height, width), (down, across) = self.shape, self.seen.shape
        return height / down, width / across

    @property
    def cell(self) -> tuple[float, float]:
        """Pixels of the image to a cell of the last convolution, down and across."""
        down, across = self.scale
        return STRIDE * down, STRIDE * across


def weak_label(row: Mapping[str, str]) -> Ellipse | None:
    """Where the defect of an image lies; None where the data have none.

    Args:
        row: of `images.csv`.

    >>> weak_label({"image": "a.png"}) is None
    True
    >>> weak_label({"x": "3", "y": "4", "semi_major": "2", "semi_minor": "1", "angle": "0"}).x
    3.0
    """
    numbers = [row.get(name, "") for name in SHAPE]
    return Ellipse(*map(float, numbers)) if all(numbers) else None


def has_weak_labels(data: Prepared) -> bool:
    """Whether the index has a weak label of any image."""
    return any(weak_label(row) for part in PARTS for row in data.images(part))


def defective_images(
    data: Prepared, part: Part, most: int, read: Read
) -> tuple[list[WholeImage], dict[str, int]]:
    """The first defective images of each group that have a weak label.

    One that covers nothing or the whole image says nothing of where the defect is, and is none. Of
    data without any weak label they are simply the first defective images.

    Args:
        data: the prepared data.
        part: of them.
        most: of a group.
        read: a raw image by its name, as grey [H, W].

    Returns:
        The images, and for each group how many without a weak label were passed over.
    """
    resized = _resized(data, part) if data.facts["input"] == "image" else None
    labelled = has_weak_labels(data)
    taken: dict[str, int] = {}
    found: list[WholeImage] = []
    passed_over: dict[str, int] = {}
    for row in data.images(part):
        group = row["group"]
        if not int(row["defective"]) or taken.get(group, 0) == most:
            continue
        image = _image(row, read, resized, labelled=labelled)
        if image is None:
            passed_over[group] = passed_over.get(group, 0) + 1
        else:
            found.append(image)
            taken[group] = taken.get(group, 0) + 1
    return found, passed_over


def _image(
    row: dict[str, str], read: Read, resized: dict[str, Bytes] | None, *, labelled: bool
) -> WholeImage | None:
    """None where there should be a weak label and is none."""
    ellipse = weak_label(row)
    if labelled and ellipse is None:
        return None
    pixels, mask = read(row["image"]), None
    if ellipse:
        mask = ellipse.mask(pixels.shape[0], pixels.shape[1])
        if not mask.any() or mask.all():
            return None
    seen = pixels if resized is None else resized[row["image"]]
    return WholeImage(row["image"], row["group"], int(row["label"]), pixels, seen, mask)


def _resized(data: Prepared, part: Part) -> dict[str, Bytes]:
    """What the networks see of each whole image; arrays are mapped, not read."""
    inputs = data.inputs(part)
    return {name: inputs.pixels[place] for place, name in enumerate(inputs.images)}
