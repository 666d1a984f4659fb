"""Group and class of each image from the rows of a table."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.kinds.folder.label_table import GOOD_LABELS, TRUTHS, Row, read_rows
from dagm_transfer.data.kinds.folder.labelled import Labelled
from dagm_transfer.data.kinds.folder.mask_files import match
from dagm_transfer.data.kinds.folder.names import HALF_NAMES, as_label, key
from dagm_transfer.data.kinds.folder.placed import Placed
from dagm_transfer.data.record import Half


def label_by_table(
    table: File,
    images: Sequence[Placed],
    masks: Sequence[Placed],
    good: frozenset[str],
    own: str,
) -> tuple[list[Labelled], list[Note]]:
    """Every image that the table lists, labelled.

    Args:
        table: the CSV file.
        images: all image files but masks.
        masks: image files that are masks by their names; the table may call them images.
        good: names of the good class, as they are compared.
        own: the source's name: the group of images whose group is not said.
    """
    where = shown(table.name)
    files = _Files([*images, *masks])
    usable, notes = _usable(where, read_rows(table), files)
    named = {row.path: mask for row, _ in usable if (mask := files.get(row.mask))}
    used = {p.file.name for p in (*named.values(), *(image for _, image in usable))}
    # What the table calls an image is one, and a mask that it gives to an image that image's.
    by_name, said = match(
        [image for _, image in usable], [mask for mask in masks if mask.file.name not in used]
    )
    groups: dict[str, str] = {}  # one spelling each
    kinds: dict[str, str] = {}
    labelled: list[Labelled] = []
    for row, image in usable:
        is_good = key(row.label) in good | GOOD_LABELS
        group = row.group or own
        kind = row.defect if row.defect and key(row.label) in TRUTHS else row.label
        given = named.get(row.path)
        labelled.append(
            Labelled(
                image=image.file,
                group=groups.setdefault(key(group), as_label(group)),
                good=is_good,
                defect="" if is_good else kinds.setdefault(key(kind), as_label(kind)),
                half=_half(row) if row.half else image.half,
                mask=given.file if given else by_name.get(image.file.name),
            )
        )
    notes += said
    if absent := [row.mask for row, _ in usable if row.mask and row.path not in named]:
        notes.append(Note("warning", listed("mask", f"named in {where} and not there", absent)))
    if unknown := sorted({row.half for row, _ in usable if row.half and not _half(row)}):
        names = ", ".join(map(shown, unknown))
        said_so = f"{where}: neither train, val nor test, so of no half: {names}"
        notes.append(Note("warning", said_so))
    if unlisted := [image.file.name for image in images if image.file.name not in used]:
        notes.append(Note("left out", listed("image", f"not in {where}", unlisted)))
    return labelled, notes


def _half(row: Row) -> Half | None:
    return HALF_NAMES.get(key(row.half))


def _said(row: Row) -> tuple[str, ...]:
    """What two rows of an image have to say alike; of kinds and masks the first counts."""
    return tuple(key(text) for text in (row.label, row.group, row.half))


class _Files:
    """Image files by the paths that a table writes, which may differ in case from the files'."""

    def __init__(self, placed: Sequence[Placed]) -> None:
        self._exact = {p.file.name: p for p in placed}
        self._alike = {key(str(p.file.name)): p for p in placed}

    def get(self, path: PurePosixPath | None) -> Placed | None:
        if path is None:
            return None
        return self._exact.get(path) or self._alike.get(key(str(path)))


def _usable(
    where: str, rows: Sequence[Row], files: _Files
) -> tuple[list[tuple[Row, Placed]], list[Note]]:
    """The rows to go by, each image once, and what is to be said of the others."""
    absent: list[PurePosixPath] = []
    unlabelled: list[PurePosixPath] = []
    twice: list[PurePosixPath] = []
    contradicted: list[PurePosixPath] = []
    kept: dict[PurePosixPath, tuple[Row, Placed]] = {}
    for row in rows:
        image = files.get(row.path)
        if image is None:
            absent.append(row.path)
        elif not row.label:
            unlabelled.append(row.path)
        else:
            first, _ = kept.setdefault(image.file.name, (row, image))
            if first is not row:
                (twice if _said(first) == _said(row) else contradicted).append(row.path)
    if not kept:
        said = f"{where}: none of its {len(rows)} rows gives a label to an image that is there"
        first_absent = f", and there is no {shown(absent[0])}" if absent else ""
        said += f"; paths begin at its own folder{first_absent}; mend them, or take the table away"
        return [], [Note("refused", said)]
    notes = [
        Note(
            "refused", listed("image", f"labelled twice and differently in {where}", contradicted)
        ),
        Note("warning", listed("image", f"listed in {where} and not there", absent)),
        Note("left out", listed("image", f"without a label in {where}", unlabelled)),
        Note(
            "warning",
            listed("image", f"listed more than once in {where}; the first row counts", twice),
        ),
    ]
    found = (contradicted, absent, unlabelled, twice)
    return list(kept.values()), [note for note, names in zip(notes, found, strict=True) if names]
