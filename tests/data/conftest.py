"""Small folders in DAGM's two layouts, and the real ones where they are present."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from downloads import Downloads, two_files
from file_server import Site
from PIL import Image

from dagm_transfer.data.ellipse import Ellipse

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
SIZE = 48


def write_image(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def noise(*seed: int) -> np.ndarray:
    """An image of its own for each seed."""
    return np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE), dtype=np.uint8)


class Dagm:
    """Writes images of one texture below a folder."""

    def __init__(self, root: Path):
        self.root = root

    def half(
        self, texture: int, half: Literal["Train", "Test"], flags: Sequence[bool], first: int = 1
    ) -> Path:
        """A half of the official layout, an image for each flag; its folder."""
        folder = self.root / f"Class{texture}" / half
        lines = ["1"]
        for number, defective in enumerate(flags, start=first):
            name = f"{number:04d}"
            write_image(folder / f"{name}.PNG", noise(texture, len(half), number))
            if defective:
                mask = Ellipse(20, 12, 8, 4, 0.0).mask(SIZE, SIZE)
                write_image(folder / "Label" / f"{name}_label.PNG", np.uint8(255) * mask)
            shown = f"{name}_label.PNG" if defective else "0\t"
            lines.append(f"{name}\t{int(defective)}\t{name}.PNG\t0\t{shown}")
        (folder / "Label").mkdir(parents=True, exist_ok=True)
        (folder / "Label" / "Labels.txt").write_bytes(("\r\n".join(lines) + "\r\n").encode())
        return folder

    def older(
        self,
        texture: int,
        normal: int,
        defective: int,
        *,
        labels: Literal["txt", "csv"] = "txt",
        padded: bool = False,
    ) -> None:
        """The older layout; the ellipse of image N is centred on (10 + N, 20), axes 9 and 5."""

        def name(number: int) -> str:
            return f"{number:04d}.png" if padded else f"{number}.png"

        for number in range(1, normal + 1):
            write_image(self.root / f"Class{texture}" / name(number), noise(texture, 0, number))
        folder = self.root / f"Class{texture}_def"
        for number in range(1, defective + 1):
            write_image(folder / name(number), noise(texture, 1, number))
        if labels == "txt":
            rows = [f"{n}\t9.0\t5.0\t0.5\t{10 + n}.0\t20.0" for n in range(1, defective + 1)]
            (folder / "labels.txt").write_text("\n".join(rows) + "\n")
        else:
            rows = [
                f"{name(n)},Class{texture},def,{10 + n}.0,20.0,0.5,9.0,5.0"
                for n in range(1, defective + 1)
            ]
            text = "\n".join(["filename,class,label,x,y,angle,w,h", *rows]) + "\n"
            (self.root / f"def_{texture}.csv").write_text(text)


@pytest.fixture
def dagm(tmp_path: Path) -> Dagm:
    """An empty folder to write images below."""
    root = tmp_path / "dagm"
    root.mkdir()
    return Dagm(root)


@pytest.fixture
def texture(dagm: Dagm) -> Path:
    """Both halves of texture 1; its folder."""
    dagm.half(1, "Train", [False, True])
    dagm.half(1, "Test", [True], first=3)
    return dagm.root / "Class1"


@pytest.fixture
def site() -> Iterator[Site]:
    """A server with a record of two files."""
    with two_files() as site:
        yield site


@pytest.fixture
def here(tmp_path: Path) -> Downloads:
    """Downloads to an empty folder."""
    return Downloads(tmp_path)


@pytest.fixture
def real_dagm() -> Path:
    """The real images beside the checkout."""
    return _shared("dagm")


@pytest.fixture
def real_labels() -> Path:
    """The official Labels.txt of all ten textures."""
    return _shared("dagm_labels")


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"no ../shared/{name} beside this checkout")
    return folder
