"""Which image files are masks, and of which images.

A mask lies in a folder of masks that mirrors that of the images (`GROUP/masks/KIND/x.png`,
`masks/GROUP/KIND/x.png`, `GROUP/KIND/masks/x.png`), or beside its image: with an ending
(`x_mask.png`), or with the same name and another suffix (`x.jpg`, `x.png`) where a folder is full
of such pairs. Programs that add a suffix to the whole name (`x.jpg.png`) mean the same.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePath, PurePosixPath

from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.tree import IMAGE_SUFFIXES, File
from dagm_transfer.data.kinds.folder.names import key
from dagm_transfer.data.kinds.folder.placed import Placed

ENDING = re.compile(r"_(mask|gt|label)$", re.IGNORECASE)
LOSSY = {".jpg", ".jpeg"}
ALONE = "without the image that it is of (is it an image itself? then rename it or its folder)"

Masks = dict[PurePosixPath, File]


def tell_apart(placed: Sequence[Placed]) -> tuple[list[Placed], list[Placed], list[Note]]:
    """The images, the masks, and what was taken for masks without being called so."""
    masks = [p for p in placed if p.among_masks or ENDING.search(p.file.name.stem)]
    if len(masks) == len(placed):  # nothing is left that they could be masks of
        masks = [p for p in placed if p.among_masks]
    called = {p.file.name for p in masks}
    others = [p for p in placed if p.file.name not in called]
    twins, notes = _twins(others)
    images = [p for p in others if p.file.name not in twins]
    return images, [*masks, *(p for p in others if p.file.name in twins)], notes


def match(images: Sequence[Placed], masks: Sequence[Placed]) -> tuple[Masks, list[Note]]:
    """The mask of each image that has one, by the image's name below the source."""
    places: dict[tuple[tuple[str, ...], str], list[Placed]] = defaultdict(list)
    for image in images:
        places[image.keys, key(image.file.name.stem)].append(image)
    found: Masks = {}
    without: list[PurePosixPath] = []
    unclear: list[PurePosixPath] = []
    for mask in masks:
        fitting = _fitting(mask, places)
        if not fitting:
            without.append(mask.file.name)
        elif len(fitting) > 1 or fitting[0].file.name in found:
            unclear.append(mask.file.name)
        else:
            found[fitting[0].file.name] = mask.file
    notes: list[Note] = []
    if without:
        notes.append(Note("warning", listed("mask", ALONE, without)))
    if unclear:
        said = "not used, as more than one fits one image, or one fits more than one"
        notes.append(Note("warning", listed("mask", said, unclear)))
    return found, notes


def _fitting(
    mask: Placed, places: Mapping[tuple[tuple[str, ...], str], Sequence[Placed]]
) -> list[Placed]:
    stem = mask.file.name.stem
    for name in dict.fromkeys((stem, ENDING.sub("", stem))):
        fitting = [
            image
            for image in places.get((mask.keys, key(_bare(name))), ())
            if mask.half in (None, image.half)
            and (name == _bare(name) or key(name) == key(image.file.name.name))
        ]
        if fitting:
            # Train and val are one half, and may both have a 1.png.
            exact = [image for image in fitting if image.half_folder == mask.half_folder]
            return exact or fitting
    return []


def _bare(stem: str) -> str:
    """A stem without the image's own suffix: `x` of `x.jpg.png`."""
    path = PurePath(stem)
    return path.stem if path.suffix.lower() in IMAGE_SUFFIXES else stem


def _twins(images: Sequence[Placed]) -> tuple[set[PurePosixPath], list[Note]]:
    """Masks that are called as their images are but for the suffix."""
    folders: dict[PurePosixPath, dict[str, list[PurePosixPath]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for image in images:
        name = image.file.name
        folders[name.parent][_bare(name.stem)].append(name)
    twins: set[PurePosixPath] = set()
    notes: list[Note] = []
    for folder, stems in folders.items():
        pairs = [names for names in stems.values() if len(names) > 1]
        if not pairs:
            continue
        masks = [mask for names in pairs if (mask := _mask_of(names)) is not None]
        if 2 * len(masks) > len(stems):
            twins.update(masks)
            said = "taken for masks, since most images there have one called like them"
            notes.append(Note("warning", f"{shown(folder)}: {listed('file', said, masks)}"))
        else:
            both = [name for names in pairs for name in names]
            said = "called alike but for the suffix, and all taken for images, none for a mask"
            notes.append(Note("warning", f"{shown(folder)}: {listed('file', said, both)}"))
    return twins, notes


def _mask_of(names: Sequence[PurePosixPath]) -> PurePosixPath | None:
    """The mask of a pair: what is not a JPEG, or the PNG of two that both are none."""
    exact = [name for name in names if name.suffix.lower() not in LOSSY]
    if len(exact) > 1:
        exact = [name for name in exact if name.suffix.lower() == ".png"]
    return exact[0] if len(names) == 2 and len(exact) == 1 else None
