"""Image files of every sort, where 8-bit grey ones are wanted."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.raw_index import read_index
from faulty import sets
from faulty.fault import Fault

Change = Callable[[sets.Pixels], Image.Image]


def all_as(change: Change) -> Callable[[Path], list[Path]]:
    """A texture whose images were all saved otherwise."""

    def make(root: Path) -> list[Path]:
        sets.rewrite(sets.images_of(sets.official(root)), change)
        return [root]

    return make


def one_as(change: Callable[[Path], None], place: int = 3) -> Callable[[Path], list[Path]]:
    """A texture with one image that something happened to."""

    def make(root: Path) -> list[Path]:
        change(sets.images_of(sets.official(root))[place])
        return [root]

    return make


def same_levels(project: Path) -> None:
    """The stored images have the grey levels that they had before they were saved otherwise."""
    raw = project / "data" / "incoming"
    records = read_index(raw)
    assert len(records) == 4 * sets.EACH
    for record in records:
        number = int(record.path.name.partition(".")[0])
        assert (read_pixels(raw / record.path) == sets.grey(1, number)).all()


def turned(pixels: sets.Pixels) -> Image.Image:
    """Lying on its side, with the EXIF orientation that says so."""
    image = Image.fromarray(np.rot90(pixels).copy())
    image.getexif()[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    return image


def save_turned(path: Path) -> None:
    with Image.open(path) as image:
        lying = turned(np.asarray(image))
    lying.save(path, exif=lying.getexif())


def save_frames(path: Path) -> None:
    with Image.open(path) as image:
        first = image.copy()
    others = [Image.fromarray(sets.grey(9, n)) for n in range(2)]
    first.save(path, format="PNG", save_all=True, append_images=others)


def seen_through(pixels: sets.Pixels) -> Image.Image:
    alpha = np.full_like(pixels, 128)
    alpha[:9] = 255
    return Image.fromarray(np.dstack([pixels, pixels, pixels, alpha]))


def palette(pixels: sets.Pixels) -> Image.Image:
    return Image.fromarray(pixels).convert("P")


def colour(pixels: sets.Pixels) -> Image.Image:
    return Image.fromarray(np.dstack([pixels, pixels // 2, pixels]))


def huge(path: Path) -> None:
    """A PNG of 20,000 x 20,000 pixels, as far as its header goes."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    body = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 20_001)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in body
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def cmyk_folder(root: Path) -> list[Path]:
    for kind in range(2):
        for number in range(sets.EACH):
            path = root / "bolt" / ("good", "bent")[kind] / f"{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            colour(sets.grey(kind, number)).convert("CMYK").save(path)
    return [root / "bolt"]


def half_size(root: Path) -> list[Path]:
    sets.rewrite(sets.images_of(sets.official(root)), lambda p: Image.fromarray(p[::2, ::2].copy()))
    return [root]


FAULTS = [
    Fault(
        "16-bit images, the grey levels times 257", "converted", "16 bits?",
        all_as(lambda p: Image.fromarray(p.astype(np.uint16) * 257)), same_levels,
    ),
    Fault(
        "12-bit images in files of 16 bits, the grey levels times 16", "converted", "12 bits?",
        all_as(lambda p: Image.fromarray(p.astype(np.uint16) * 16)), same_levels,
    ),
    Fault("colour images", "converted", "colour", all_as(colour)),
    Fault("palette images", "converted", "palette", all_as(palette), same_levels),
    Fault("images with transparency", "converted", "transparen|alpha", all_as(seen_through),
          same_levels),
    Fault("CMYK photographs", "converted", "colour|CMYK", cmyk_folder),
    Fault("an image that lies on its side, as its EXIF says", "converted", "EXIF",
          one_as(save_turned), same_levels),
    Fault("an animated image", "converted", "frame", one_as(save_frames), same_levels),
    Fault("a file of 0 bytes", "refused", "not a readable image",
          one_as(lambda p: p.write_bytes(b""))),
    Fault("half an image", "refused", "not a readable image",
          one_as(lambda p: p.write_bytes(p.read_bytes()[: len(p.read_bytes()) // 2]))),
    Fault("a text that is called .png", "refused", "not a readable image",
          one_as(lambda p: p.write_text("see the other folder"))),
    Fault("an image of 20,000 x 20,000 pixels", "refused", "20000 x 20000", one_as(huge)),
    Fault("an image of one pixel", "warning", "1x1|32",
          one_as(lambda p: Image.new("L", (1, 1)).save(p), place=0)),
    Fault("images at half their size, masks at the whole", "refused", "32x32", half_size),
]  # fmt: skip
