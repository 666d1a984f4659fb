"""Image files as a camera leaves them, good ones and broken ones; nothing here imports torch."""

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 48


def shot(seed: int, side: int = SIDE) -> np.ndarray:
    """An image of noise."""
    return np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)


def good_shots(folder: Path, count: int) -> list[Path]:
    """PNGs of different noise: 01.png and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:02}.png" for number in range(1, count + 1)]
    for number, path in enumerate(paths, start=1):
        Image.fromarray(shot(number)).save(path)
    return paths


def broken_shots(folder: Path) -> dict[str, str]:
    """Ten files that are no images, by name, and a part of what should be said of each."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "whole.png"
    Image.fromarray(shot(99)).save(whole)
    content = whole.read_bytes()
    whole.unlink()
    (folder / "torn.png").write_bytes(content[: len(content) // 2])
    (folder / "flipped.png").write_bytes(content[:60] + bytes(b ^ 255 for b in content[60:]))
    (folder / "headless.png").write_bytes(content[8:])
    (folder / "text.png").write_text("a text that somebody called an image")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "zeros.bmp").write_bytes(bytes(4096))
    (folder / "folder.png").mkdir()
    (folder / "gone.tif").symlink_to("nowhere")
    Image.fromarray(np.linspace(0, 1, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)).save(
        folder / "fractions.tiff"
    )
    Image.fromarray(np.full((SIDE, SIDE), 4000, np.uint16)).save(folder / "deep.png")
    return {
        "torn.png": "not a readable image",
        "flipped.png": "not a readable image",
        "headless.png": "its content is none of",
        "text.png": "its content is none of",
        "empty.jpg": "it is empty",
        "zeros.bmp": "its content is none of",
        "folder.png": "a folder without images",
        "gone.tif": "a link to nowhere",
        "fractions.tiff": "fractions",
        "deep.png": "more than the 8 bits",
    }
