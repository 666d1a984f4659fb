"""The layout of the official release.

`ClassN/{Train,Test}/NNNN.PNG`, and in `Label/` of each half `Labels.txt` (a line `1`, then
tab-separated number, flag, image, 0, mask or 0) and `NNNN_label.PNG` for defective images.
"""

import re
from pathlib import Path, PurePosixPath

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.plan import Found
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.kinds.dagm.label_text import not_here, not_understood, read_lines, twice
from dagm_transfer.data.kinds.dagm.places import PartFiles
from dagm_transfer.data.kinds.dagm.release import group_name
from dagm_transfer.data.record import Half, Record

ROW = re.compile(
    r"([0-9]{1,9})\s+([01])\s+([0-9]{1,9})\.[a-z0-9]+\s+0\s+(?:0|([0-9]{1,9})_label\.[a-z0-9]+)",
    re.IGNORECASE | re.ASCII,
)


def read_half(texture: int, half: Half, files: PartFiles) -> tuple[list[Found], list[Note]]:
    """One half of a texture, by number, and what is to be said of it."""
    try:
        flags = _flags(files)
    except UserError as error:
        return [], [Note("refused", str(error))]
    notes = _notes(files, flags)
    found: list[Found] = []
    for number, image in files.images.items():
        defective = flags.get(number, False)
        mask = files.masks.get(number) if defective else None
        folder = Path(f"Class{texture}", half)
        record = Record(
            path=folder / image.name.name,
            group=group_name(texture),
            defective=defective,
            half=half,
            mask=folder / "Label" / mask.name.name if mask else None,
        )
        found.append(Found(record, image, mask))
    return found, notes


def read_flags(labels: File) -> dict[int, bool]:
    """Whether each image that a `Labels.txt` lists is defective, by its number.

    Raises:
        UserError: a line cannot be understood, or contradicts itself or another.
    """
    flags: dict[int, bool] = {}
    rows = [(n, line.strip()) for n, line in enumerate(read_lines(labels), start=1) if line.strip()]
    if rows and rows[0][1] == "1":
        del rows[0]
    for line_number, line in rows:
        match = ROW.fullmatch(line)
        if match is None or not _is_consistent(match):
            raise not_understood(labels, line_number, line, "`number, flag, image, 0, mask or 0`")
        number, defective = int(match[1]), match[2] == "1"
        if flags.setdefault(number, defective) != defective:
            raise twice(labels, line_number, number)
    return flags


def _is_consistent(row: re.Match[str]) -> bool:
    """Whether a row names the image and the mask of its number, a mask where it is defective."""
    mask = int(row[4]) if row[4] else None
    return int(row[3]) == int(row[1]) and mask == (int(row[1]) if row[2] == "1" else None)


def _flags(files: PartFiles) -> dict[int, bool]:
    if files.labels is not None:
        return read_flags(files.labels)
    for image in files.images.values():
        expected = shown(image.name.parent / "Label" / "Labels.txt")
        raise UserError(
            f"{expected}: not found; it says which images are defective, bring it with them"
        )
    return {}


def _notes(files: PartFiles, flags: dict[int, bool]) -> list[Note]:
    """What images, masks and labels say against each other."""
    images, masks = files.images, files.masks
    labels = shown(files.labels.name) if files.labels else ""
    unlisted = [file.name for n, file in images.items() if n not in flags]
    bare = [_mask_of(file) for n, file in images.items() if flags.get(n) and n not in masks]
    alone = [file.name for n, file in masks.items() if n not in images]
    needless = [f.name for n, f in masks.items() if n in images and flags.get(n) is False]
    absent = [defective for number, defective in flags.items() if number not in images]
    notes: list[Note] = []
    if unlisted:
        text = listed("image", f"not in {labels}", unlisted)
        notes.append(Note("refused", f"{text}; bring images and labels of one release"))
    if bare:
        text = listed("mask", f"missing of images that {labels} calls defective", bare)
        notes.append(Note("refused", f"{text}; bring the masks too"))
    if needless:
        text = listed("mask", f"not used: {labels} calls the images normal", needless)
        notes.append(Note("warning", text))
    if alone:
        notes.append(Note("warning", listed("mask", "not used: without an image", alone)))
    if absent:
        text = f"{labels} lists {not_here(len(absent))}, {sum(absent)} of them defective"
        notes.append(Note("warning", text))
    return notes


def _mask_of(image: File) -> PurePosixPath:
    name = image.name
    return name.parent / "Label" / f"{name.stem}_label{name.suffix}"
