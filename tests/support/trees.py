"""Zips made by hand, and what is seen when they or folders are opened."""

import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from dagm_transfer.data.bringing.notes import Note
from dagm_transfer.data.bringing.tree import open_tree

NOBODY = 65534


@dataclass(frozen=True)
class Seen:
    """A tree after it was closed."""

    files: list[tuple[str, bytes]]
    notes: tuple[Note, ...]
    told: list[tuple[int, int]]
    origins: list[Path]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.files]

    @property
    def texts(self) -> list[str]:
        return [f"{note.kind}: {note.text}" for note in self.notes]


def see(source: Path) -> Seen:
    """Open a tree and read all of it."""
    told: list[tuple[int, int]] = []
    with open_tree(source, lambda done, total: told.append((done, total))) as tree:
        files = [(str(file.name), file.origin.read_bytes()) for file in tree.files]
        return Seen(files, tree.notes, told, [file.origin for file in tree.files])


def zip_bytes(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", method) as content:
        for name, data in files.items():
            content.writestr(name, data)
    return made.getvalue()


def zip_of(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip in a file; its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zip_bytes(files))
    return path


def folder_of(path: Path, files: Mapping[str, bytes]) -> Path:
    """Files below a folder; its path."""
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def as_nobody(function: Callable[..., Any], *args: Any) -> Any:
    """What a function returns or raises in a process that may not read everything, as root may.

    A process of its own, no fork of this one: a thread of another test may hold a lock, which in a
    fork nobody lets go. What the function's module imports is imported before the rights are given
    away: Python itself may lie where others cannot read.
    """
    place = "" if function.__module__ == __name__ else function.__code__.co_filename
    done = subprocess.run(
        [sys.executable, "-c", CALL],
        input=pickle.dumps((place, function.__name__, args)),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    result, error = pickle.loads(done.stdout)  # noqa: S301 - of our own process
    if error is not None:
        raise error
    return result


CALL = f"""
import encodings.cp437, importlib.util, os, pickle, sys  # the first: of names in zips
import trees

place, name, args = pickle.load(sys.stdin.buffer)
module = trees
if place:
    spec = importlib.util.spec_from_file_location("called", place)
    module = sys.modules["called"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
if os.getuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
try:
    ended = getattr(module, name)(*args), None
except Exception as error:
    ended = None, error
sys.stdout.buffer.write(pickle.dumps(ended))
"""
