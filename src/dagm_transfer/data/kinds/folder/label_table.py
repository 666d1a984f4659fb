"""Labels from a CSV of paths and labels, as a spreadsheet or a script writes it."""

import csv
import io
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.kinds.folder.names import key

SEPARATORS = ",;\t"
EXCEL = re.compile(r"sep=.\r?\n")  # a line that Excel writes and reads before the header
# What each column may be called; the first that a header has counts.
COLUMNS = {
    "path": ("path", "file", "filename", "image", "filepath", "imagepath"),
    "label": ("label", "class", "defective", "target", "defect"),
    "defect": ("defect",),
    "group": ("group", "product"),
    "half": ("split", "half"),
    "mask": ("mask",),
}
GOOD_LABELS = frozenset({"0", "0.0", "false"})
# What scripts and spreadsheets write into an empty cell.
NOTHING = frozenset({"nan", "null", "n/a", "#n/a", "<na>"})
TRUTHS = GOOD_LABELS | {"1", "1.0", "true"}


@dataclass(frozen=True)
class Row:
    """One row: an image's path below the source, and what stands beside it, empty where nothing."""

    path: PurePosixPath
    label: str
    defect: str
    group: str
    half: str
    mask: PurePosixPath | None


def tables(files: Iterable[File]) -> list[File]:
    """The CSV files whose header names a path and a label."""
    return [
        file
        for file in files
        if file.name.suffix.lower() == ".csv" and _columns(_cells(file, 1)) is not None
    ]


def unread_headers(files: Iterable[File]) -> dict[str, list[str]]:
    """The CSV files whose header names no path or no label, and what stands there."""
    headers = {
        file.name.as_posix(): _cells(file, 1)
        for file in files
        if file.name.suffix.lower() == ".csv"
    }
    return {name: cells[0] for name, cells in headers.items() if cells and _columns(cells) is None}


def read_rows(table: File) -> list[Row]:
    """The rows of a table that `tables` found; rows without a path are passed over."""
    cells = _cells(table)
    columns = _columns(cells) or {}
    below = table.name.parent
    rows: list[Row] = []
    for line in cells[1:]:
        said = {name: _cell(line, at) for name, at in columns.items()}
        if said["path"]:
            rows.append(_row(said, below))
    return rows


def _cell(line: Sequence[str], at: int) -> str:
    text = line[at].strip() if at < len(line) else ""
    return "" if key(text) in NOTHING else text


def _row(said: Mapping[str, str], below: PurePosixPath) -> Row:
    mask = said.get("mask", "")
    return Row(
        path=_path(below, said["path"]),
        label=said["label"],
        defect=said.get("defect", ""),
        group=said.get("group", ""),
        half=said.get("half", ""),
        mask=_path(below, mask) if mask else None,
    )


def _path(below: PurePosixPath, written: str) -> PurePosixPath:
    joined = below / written.replace("\\", "/")
    return PurePosixPath(posixpath.normpath(joined))


def _columns(cells: list[list[str]]) -> dict[str, int] | None:
    """Which column is what; None where none is a path or none a label."""
    if not cells:
        return None
    header = [key(cell).replace("_", "").replace(" ", "") for cell in cells[0]]
    found = {
        column: header.index(next(name for name in names if name in header))
        for column, names in COLUMNS.items()
        if any(name in header for name in names)
    }
    return found if {"path", "label"} <= found.keys() else None


def _cells(table: File, lines: int | None = None) -> list[list[str]]:
    """The cells of the first lines, or of all; none where the file is no table."""
    text = EXCEL.sub("", _text(table).lstrip("\r\n"))
    if lines is not None:
        text = "\n".join(text.splitlines()[:lines])
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        return []


def _text(table: File) -> str:
    content = table.origin.read_bytes()
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what Excel writes by itself
