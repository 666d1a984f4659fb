"""Folders of small images of a user's own, and what an import makes of them."""

import zlib
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.tree import File, Tree
from dagm_transfer.data.kinds.folder.kind import Folder


class Own:
    """Writes images below a folder, and reads what is there."""

    def __init__(self, root: Path):
        self.root = root

    def write(self, *names: str) -> None:
        """Images that differ, of mixed sizes; the suffix says in which format."""
        for name in names:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            random = np.random.default_rng(zlib.crc32(name.encode(errors="surrogateescape")))
            pixels = random.integers(0, 256, random.integers(4, 12, 2), dtype=np.uint8)
            Image.fromarray(pixels).save(path)

    def table(self, text: str, name: str = "labels.csv", encoding: str = "utf-8") -> None:
        """A table as it is written."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))

    def tree(self) -> Tree:
        """The files, as an import sees them."""
        files = [
            File(PurePosixPath(self.root.name) / path.relative_to(self.root).as_posix(), path)
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        ]
        return Tree(self.root, tuple(files), ())

    def why(self, *good: str) -> str | None:
        """Why they are taken for images of a user's own."""
        return Folder.recognise(self.tree(), frozenset(good))

    def plan(self, *good: str) -> Plan:
        """What would be brought in."""
        return Folder.plan(self.tree(), frozenset(good))


def labels(plan: Plan) -> dict[str, tuple[str, str, str | None]]:
    """Group, kind of defect (empty: normal) and half of each image by its stored name."""
    records = [found.record for found in plan.found]
    return {r.path.as_posix(): (r.group, r.defect if r.defective else "", r.half) for r in records}


def masks(plan: Plan) -> dict[str, str]:
    """The mask of each image that has one, as both are stored."""
    records = [found.record for found in plan.found]
    assert [r.mask is None for r in records] == [found.mask is None for found in plan.found]
    return {r.path.as_posix(): r.mask.as_posix() for r in records if r.mask}


def said(plan: Plan, kind: str = "warning") -> list[str]:
    """The texts of one kind of note."""
    return [note.text for note in plan.notes if note.kind == kind]
