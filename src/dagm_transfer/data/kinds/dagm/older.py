"""The layout of an older release, which has no halves.

`ClassN/M.png` normal and `ClassN_def/M.png` defective, with `labels.txt` (number, semi-major,
semi-minor, radians, x, y), or beside the folders `def_N.csv` (filename, class, label, x, y, angle,
w, h: half axes in pixels).
"""

import csv
import math
from pathlib import Path, PurePosixPath

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.plan import Found
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.kinds.dagm.label_text import not_here, not_understood, read_lines, twice
from dagm_transfer.data.kinds.dagm.places import PartFiles
from dagm_transfer.data.kinds.dagm.release import group_name
from dagm_transfer.data.record import Record

NUMBERS = ("x", "y", "angle", "w", "h")
LINE = "`number, semi-major, semi-minor, radians, x, y` with axes above 0"
ROW = "`filename, x, y, angle, w, h` with axes above 0"


def read_texture(
    texture: int, normal: PartFiles, defective: PartFiles
) -> tuple[list[Found], list[Note]]:
    """A texture, normal images first, each by number, and what is to be said of it."""
    try:
        ellipses = _ellipses(defective)
    except UserError as error:
        return [], [Note("refused", str(error))]
    found: list[Found] = []
    for folder, files in ((f"Class{texture}", normal), (f"Class{texture}_def", defective)):
        for number, image in files.images.items():
            record = Record(
                path=Path(folder, image.name.name),
                group=group_name(texture),
                defective=files is defective,
                half=None,
                ellipse=ellipses.get(number) if files is defective else None,
            )
            found.append(Found(record, image))
    return found, _notes(texture, defective, ellipses)


def _notes(texture: int, files: PartFiles, ellipses: dict[int, Ellipse]) -> list[Note]:
    """What images and ellipses say against each other."""
    labels = files.labels or files.table
    bare = [file.name for number, file in files.images.items() if number not in ellipses]
    absent = len(ellipses.keys() - files.images.keys())
    notes: list[Note] = []
    if bare:
        text = listed("image", f"without an ellipse in labels.txt or def_{texture}.csv", bare)
        notes.append(Note("refused", f"{text}; bring the labels too"))
    if absent and labels:
        notes.append(Note("warning", f"{shown(labels.name)} lists {not_here(absent)}"))
    if files.labels and files.table:
        text = f"{shown(files.table.name)}: the ellipses are those of {shown(files.labels.name)}"
        notes.append(Note("left out", text))
    return notes


def _ellipses(files: PartFiles) -> dict[int, Ellipse]:
    """The ellipses by the number of their image; of `labels.txt` where there are both.

    Raises:
        UserError: a line cannot be understood, or contradicts another.
    """
    if files.labels:
        return _of_lines(files.labels)
    return _of_table(files.table) if files.table else {}


def _of_lines(labels: File) -> dict[int, Ellipse]:
    ellipses: dict[int, Ellipse] = {}
    for line_number, line in enumerate(read_lines(labels), start=1):
        if not line.strip():
            continue
        try:
            number, major, minor, angle, x, y = (float(cell) for cell in line.split())
            ellipse = _ellipse(x, y, major, minor, angle)
            if not number.is_integer():
                raise ValueError(number)  # noqa: TRY301 - as float itself does of a worse number
        except ValueError as error:
            raise not_understood(labels, line_number, line, LINE) from error
        if ellipses.setdefault(int(number), ellipse) != ellipse:
            raise twice(labels, line_number, int(number))
    return ellipses


def _of_table(table: File) -> dict[int, Ellipse]:
    ellipses: dict[int, Ellipse] = {}
    lines = read_lines(table)
    rows = csv.DictReader(lines, skipinitialspace=True)
    try:
        for row in rows:
            number = int(PurePosixPath(row["filename"]).stem)
            x, y, angle, along, across = (float(row[name]) for name in NUMBERS)
            ellipse = _ellipse(x, y, along, across, angle)
            if ellipses.setdefault(number, ellipse) != ellipse:
                raise twice(table, rows.line_num, number)
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        # A column that is missing is missing in the first line.
        line_number = 1 if isinstance(error, KeyError) else rows.line_num
        raise not_understood(table, line_number, lines[line_number - 1], ROW) from error
    return ellipses


def _ellipse(x: float, y: float, along: float, across: float, angle: float) -> Ellipse:
    """An ellipse from its half axes along an angle and across it, whichever is the longer.

    Raises:
        ValueError: something is not finite, or an axis is not above 0.
    """
    if not all(math.isfinite(value) for value in (x, y, along, across, angle)):
        raise ValueError("not finite")
    if along >= across:
        return Ellipse(x, y, along, across, angle)
    return Ellipse(x, y, across, along, angle + math.pi / 2)
