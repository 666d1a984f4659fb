"""Files that are whole or absent, and digests of what is in them."""

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from mmap import MADV_DONTNEED, mmap
from pathlib import Path
from typing import Any

import numpy as np

CHUNK = 1 << 20


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A fresh path next to `target` to write a file or a folder at; renamed onto it at the end.

    Whatever stood at `target` is replaced; after an error nothing is left behind. What was written
    is on the disk before it gets its name: a power cut leaves the old or the new, never a part.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        draft = scratch / target.name
        yield draft
        _sync_draft(draft)
        _put(draft, target, scratch / "old")
        sync(target.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk when this returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_draft(draft: Path) -> None:
    if draft.is_dir():
        os.sync()  # of many files one after the other it would take minutes
    else:
        sync(draft)


def _put(draft: Path, target: Path, old: Path) -> None:
    """Rename onto the target; a folder that stands there makes way first, and comes back if not."""
    aside = target.is_dir() and not target.is_symlink()
    if aside:
        target.replace(old)
    elif draft.is_dir():
        target.unlink(missing_ok=True)
    try:
        draft.replace(target)
    except OSError:
        if aside:
            old.replace(target)
        raise


def write_text(target: Path, text: str) -> None:
    """Write `text` at `target`, whole or not at all."""
    with beside(target) as draft:
        draft.write_text(text, encoding="utf-8")


def write_json(target: Path, content: object) -> None:
    """Write `content` as indented JSON; infinities and NaN are refused."""
    write_text(target, json.dumps(content, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def digest_of(content: object) -> str:
    """Sha256 of anything that JSON can hold, whatever the order of its keys.

    >>> digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_file(path: Path) -> str:
    """Sha256 of a file's bytes."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            sha.update(block)
    return sha.hexdigest()


def digest_of_arrays(arrays: Mapping[str, np.ndarray[Any, Any]]) -> str:
    """Sha256 of named arrays: names, types, shapes and bytes.

    Of an array that is mapped to be read, no more than a piece is in memory.
    """
    sha = hashlib.sha256()
    for name in sorted(arrays):
        array = np.atleast_1d(arrays[name])
        sha.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        for piece in _pieces(array):
            sha.update(piece)
    return sha.hexdigest()


def _pieces(array: np.ndarray[Any, Any]) -> Iterator[bytes]:
    """The bytes of an array, row by row; some rows at a time."""
    row = max(1, array.itemsize * math.prod(array.shape[1:]))
    rows = max(1, CHUNK // row)
    for first in range(0, len(array), rows):
        yield array[first : first + rows].tobytes()
        if isinstance(array, np.memmap) and array.mode == "r" and isinstance(array.base, mmap):
            # Else its pages stay for as long as it is mapped, and count as this process's memory.
            array.base.madvise(MADV_DONTNEED)
