"""Files that are whole or absent, and digests of what is in them."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

CHUNK = 1 << 20


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A fresh path next to `target` to write a file or a folder at; renamed onto it at the end.

    Whatever stood at `target` is replaced; after an error nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        draft = scratch / target.name
        yield draft
        _clear(target, draft)
        draft.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _clear(target: Path, draft: Path) -> None:
    """Remove what a rename of `draft` onto `target` would not replace."""
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    elif draft.is_dir():
        target.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write `text` at `target`, whole or not at all."""
    with beside(target) as draft:
        draft.write_text(text, encoding="utf-8")


def copy_file(source: Path, target: Path) -> None:
    """Copy a file to `target`, whole or not at all."""
    with beside(target) as draft:
        shutil.copyfile(source, draft)


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


def digest_of_files(paths: Iterable[Path], root: Path) -> str:
    """Sha256 of several files: their paths below `root` and their bytes."""
    return digest_of({p.relative_to(root).as_posix(): digest_of_file(p) for p in paths})


def digest_of_arrays(arrays: Mapping[str, np.ndarray[Any, Any]]) -> str:
    """Sha256 of named arrays: names, types, shapes and bytes."""
    sha = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        sha.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()
