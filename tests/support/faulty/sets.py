"""Small sound sets of images, in DAGM's layout and in plain folders, for faults to be put into."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 64
EACH = 10  # images of a label and half: enough for training

Pixels = np.ndarray


def grey(*seed: int, size: int = SIZE) -> Pixels:
    """Noise of its own for each seed; some pixel is white, some black."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size), dtype=np.uint8)
    pixels[0, 0], pixels[0, 1] = 255, 0
    return pixels


def blob(size: int = SIZE, width: int = 24) -> Pixels:
    """A mask with a square in the middle."""
    mask = np.zeros((size, size), np.uint8)
    first = (size - width) // 2
    mask[first : first + width, first : first + width] = 255
    return mask


def save(path: Path, pixels: Pixels) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def official(root: Path, texture: int = 1, halves: tuple[str, ...] = ("Train", "Test")) -> Path:
    """A texture in the official layout below `root`: in each half ten normal, ten defective."""
    number = 0
    for half in halves:
        folder = root / f"Class{texture}" / half
        lines = ["1"]
        for place in range(2 * EACH):
            number += 1
            name, defective = f"{number:04d}", place % 2
            save(folder / f"{name}.PNG", grey(texture, number))
            if defective:
                save(folder / "Label" / f"{name}_label.PNG", blob())
            shown = f"{name}_label.PNG" if defective else "0\t"
            lines.append(f"{name}\t{defective}\t{name}.PNG\t0\t{shown}")
        (folder / "Label" / "Labels.txt").write_bytes(("\r\n".join(lines) + "\r\n").encode())
    return root


def older(root: Path, texture: int = 1, centre: float = 32.0) -> Path:
    """A texture in the older layout below `root`."""
    for number in range(1, EACH + 1):
        save(root / f"Class{texture}" / f"{number}.png", grey(texture, 0, number))
        save(root / f"Class{texture}_def" / f"{number}.png", grey(texture, 1, number))
    lines = [f"{n}\t12.0\t8.0\t0.5\t{centre}\t32.0" for n in range(1, EACH + 1)]
    (root / f"Class{texture}_def" / "labels.txt").write_text("\n".join(lines) + "\n")
    return root


def folders(
    root: Path,
    kinds: tuple[str, ...] = ("good", "scratch"),
    suffix: str = ".png",
    change: Callable[[Pixels], Pixels] = lambda pixels: pixels,
) -> Path:
    """Ten images of each kind in a folder of its own below `root`."""
    for place, kind in enumerate(kinds):
        for number in range(EACH):
            save(root / kind / f"{number:02d}{suffix}", change(grey(place, number)))
    return root


def images_of(root: Path) -> list[Path]:
    """The images below a folder, without masks."""
    found = (path for path in sorted(root.rglob("*")) if path.suffix.lower() == ".png")
    return [path for path in found if path.parent.name != "Label"]


def masks_of(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("Label/*") if path.suffix.lower() == ".png")


def rewrite(paths: list[Path], change: Callable[[Pixels], Image.Image]) -> None:
    """Put another image in the place of each, made of its grey levels."""
    for path in paths:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("L"))
        change(pixels).save(path)
