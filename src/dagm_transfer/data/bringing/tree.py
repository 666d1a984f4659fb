"""The files at a path."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dagm_transfer.data.bringing.notes import Note


@dataclass(frozen=True)
class File:
    """One file: what it is called, the source's own name first, and where it can be read."""

    name: PurePosixPath
    origin: Path


@dataclass(frozen=True)
class Tree:
    """The files of a source, and what is to be said of them."""

    source: Path
    files: tuple[File, ...]
    notes: tuple[Note, ...]
