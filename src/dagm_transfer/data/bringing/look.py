"""Every image and mask of a plan, read once: what a person should know before it is brought in."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.parallel import ordered_map
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.bringing.plan import Found, Plan
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.pixels.images import Trait, bits_of, read_picture
from dagm_transfer.data.pixels.masks import read_mask

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SeenMask:
    """A mask as it was read.

    Attributes:
        width: of the mask, pixels.
        height: of the mask, pixels.
        pixels: in the defect.
        plain: the file itself is grey bytes that are above 0 in the defect and nowhere else.
        turned: its EXIF orientation is not upright.
    """

    width: int
    height: int
    pixels: int
    plain: bool
    turned: bool


@dataclass(frozen=True)
class Seen:
    """An image as it was read.

    Attributes:
        width: of the image, pixels.
        height: of the image, pixels.
        largest: grey level.
        deep: whether the file holds more than 8 bits a pixel.
        traits: what reading it did or passed over, as `read_picture` says it.
        content: sha256 of its shape and grey levels.
        mask: None where it has none, or where the mask cannot be read.
    """

    width: int
    height: int
    largest: int
    deep: bool
    traits: frozenset[Trait]
    content: str
    mask: SeenMask | None = None


@dataclass(frozen=True)
class Looked:
    """What reading a plan's images found.

    Attributes:
        images: one for each of the plan's, in its order; None where it cannot be read.
        unreadable: why an image or a mask cannot be read, by its name in the source.
    """

    images: tuple[Seen | None, ...]
    unreadable: Mapping[PurePosixPath, str]

    def of(self, plan: Plan) -> Iterator[tuple[Found, Seen]]:
        """The images of the plan that can be read, with what was seen of them."""
        pairs = zip(plan.found, self.images, strict=True)
        return ((found, seen) for found, seen in pairs if seen is not None)

    @property
    def bits(self) -> int:
        """Of the whole set: the depth that the largest level of its deeper images needs."""
        return bits_of(max((seen.largest for seen in self.images if seen and seen.deep), default=0))


def look(plan: Plan, workers: int, on_image: Progress) -> Looked:
    """Read every image and mask of a plan once; only what is known of them is kept.

    Args:
        plan: what would be brought in.
        workers: threads.
        on_image: told how many of the plan's images were read.
    """
    images: list[Seen | None] = []
    unreadable: dict[PurePosixPath, str] = {}
    with closing(ordered_map(_seen, plan.found, workers)) as read:
        for seen, faults in read:
            images.append(seen)
            unreadable |= faults
            on_image(len(images), len(plan.found))
    return Looked(tuple(images), unreadable)


def content_of(levels: NDArray[np.uint8] | NDArray[np.uint16]) -> str:
    """Sha256 of the shape and the levels of an image, however its file is packed."""
    sha = hashlib.sha256(f"{levels.dtype.str} {levels.shape}\n".encode())
    sha.update(np.ascontiguousarray(levels).data)
    return sha.hexdigest()


def _seen(found: Found) -> tuple[Seen | None, dict[PurePosixPath, str]]:
    faults: dict[PurePosixPath, str] = {}
    seen = mask = None
    if found.mask is not None:
        try:
            mask = _seen_mask(found.mask)
        except UserError as error:
            faults[found.mask.name] = _named(error, found.mask)
    try:
        picture = read_picture(found.image.origin)
    except UserError as error:
        faults[found.image.name] = _named(error, found.image)
    else:
        levels = picture.levels
        seen = Seen(
            width=levels.shape[1],
            height=levels.shape[0],
            largest=int(levels.max()),
            deep=levels.dtype != np.uint8,
            traits=picture.traits,
            content=content_of(levels),
            mask=mask,
        )
    return seen, faults


def _seen_mask(file: File) -> SeenMask:
    inside, picture = read_mask(file.origin), read_picture(file.origin)
    plain = (
        picture.levels.dtype == np.uint8
        and not picture.traits
        and np.array_equal(picture.levels > 0, inside)
    )
    return SeenMask(
        width=inside.shape[1],
        height=inside.shape[0],
        pixels=int(inside.sum()),
        plain=plain,
        turned="turned" in picture.traits,
    )


def _named(error: UserError, file: File) -> str:
    """What is wrong, under the name that a person knows: archives are unpacked elsewhere."""
    return str(error).replace(str(file.origin), shown(file.name))
