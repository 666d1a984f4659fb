"""Downloads from a site of two files, and what they leave."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from file_server import Site, serving

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.kinds.dagm.download import download_dagm
from dagm_transfer.data.kinds.dagm.fetch import Patience

SIZE = 300_000
HALF = SIZE // 2
ONE, TWO = "Class1.zip", "Class2.zip"
QUICK = Patience(silence=5.0, pauses=(0.0, 0.01, 0.02), longest=0.0)
BY_HAND = "https://doi.org/10.5281/zenodo.8086136"


def content(seed: int) -> bytes:
    return random.Random(seed).randbytes(SIZE)


@contextmanager
def two_files() -> Iterator[Site]:
    """A site with two files, that no proxy stands before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        with serving({ONE: content(1), TWO: content(2)}) as site:
            yield site


@dataclass
class Downloads:
    """A folder to download to, what was told on the way, and what is pinned."""

    root: Path
    bytes: list[tuple[int, int]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / "downloads"

    @property
    def pins(self) -> Path:
        return self.root / "downloaded.json"

    @property
    def part(self) -> Path:
        return self.folder / f"{ONE}.part"

    def bring(self, record: str, patience: Patience = QUICK) -> list[Path]:
        self.bytes.clear()

        def on_bytes(done: int, total: int) -> None:
            self.bytes.append((done, total))

        return download_dagm(record, self.folder, self.pins, patience, on_bytes, self.lines.append)

    def fail(self, record: str, patience: Patience = QUICK) -> str:
        """The one line that a download ends with."""
        with pytest.raises(UserError) as refused:
            self.bring(record, patience)
        assert "\n" not in str(refused.value)
        return str(refused.value)

    def half(self, of: int = 1) -> None:
        """Half of the first file, or of another, as a download that was broken off leaves it."""
        self.folder.mkdir()
        self.part.write_bytes(content(of)[:HALF])

    def holds(self, site: Site) -> bool:
        """Whether all files are there, and nothing else."""
        there = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        return there == site.files
