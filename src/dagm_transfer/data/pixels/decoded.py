"""An image file decoded: grey or colour of 8 bits or grey of 16, upright."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, TiffImagePlugin

from dagm_transfer.core.errors import UserError, reason

Levels = NDArray[np.uint8] | NDArray[np.uint16]

MOST_PIXELS = 178_956_970  # where Pillow refuses too
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM", "JPEG2000")

# What Pillow raises over a file that is torn or none of an image.
BROKEN = (
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

# What brings an image upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Names of formats and of what a TIFF compresses with; the unsure ones have a lossless way too.
LOSSY = {"JPEG", "MPO", "jpeg", "tiff_jpeg"}
UNSURE = {"WEBP", "JPEG2000", "webp"}


@dataclass(frozen=True)
class Decoded:
    """What is in an image file.

    Attributes:
        image: Upright, of mode L, LA, RGB, RGBA or I;16.
        lossy: Whether its compression changes pixels; None where the file does not tell.
        turned: Its EXIF orientation is not upright.
        frames: It has more than one frame or page; this is the first.
        deep: Its colour has 16 bits a channel, of which Pillow reads the upper 8.
        palette: Its pixels are numbers of colours in a palette.
    """

    image: Image.Image
    lossy: bool | None
    turned: bool
    frames: bool
    deep: bool
    palette: bool

    def grey(self) -> Levels:
        """The grey levels [H, W]: Rec. 601 luma of colour, alpha disregarded."""
        if self.image.mode == "I;16":
            return np.asarray(self.image).astype(np.uint16)
        return np.asarray(self.image.convert("L"))

    def colours(self) -> Levels:
        """The colour channels [H, W, C], without alpha; one channel where the file is grey."""
        if self.image.mode in ("I;16", "L", "LA"):
            return self.grey()[..., None]
        return np.asarray(self.image)[..., :3]

    def alpha(self) -> NDArray[np.uint8] | None:
        """The alpha channel [H, W]; None where the file has none."""
        bands = self.image.getbands()
        return np.asarray(self.image.getchannel("A")) if "A" in bands else None


def decode(path: Path) -> Decoded:
    """Read an image file.

    Raises:
        UserError: the file is absent, torn or no image, too large, or its pixels are deeper than
            16 bits.
    """
    try:
        with path.open("rb") as file:
            return decode_open(file, str(path))
    except OSError as error:
        raise _unreadable(str(path), error) from error


def decode_open(file: IO[bytes], name: str) -> Decoded:
    """Read an image from an open file, or from bytes in memory.

    Args:
        file: can be sought in.
        name: what errors call it.

    Raises:
        UserError: as `decode`.
    """
    try:
        image = _open(file)
        width, height = _stored_size(image)
        if width * height > MOST_PIXELS:
            raise UserError(
                f"{name}: {width} x {height} pixels are more than the {MOST_PIXELS:,} that "
                "can be read at once; cut the image into tiles"
            )
        orientation = _orientation(image)
        frames = bool(getattr(image, "is_animated", False))
        raw = str([tile.args for tile in image.tile])
        palette = image.mode in ("P", "PA")
        plain = _plain(_loaded(image), name)
        if not isinstance(image, TiffImagePlugin.TiffImageFile) and orientation in TURNS:
            plain = plain.transpose(TURNS[orientation])  # a TIFF turns when it is loaded
        return Decoded(
            image=plain,
            lossy=_lossy(image),
            turned=orientation in TURNS,
            frames=frames,
            deep=";16" in raw and plain.mode != "I;16",
            palette=palette,
        )
    except Image.DecompressionBombError as error:  # of a format that counts while it opens
        raise UserError(f"{name}: {reason(error)}; cut the image into tiles") from error
    except BROKEN as error:
        raise _unreadable(name, error) from error


def _open(file: IO[bytes]) -> ImageFile.ImageFile:
    """What `Image.open` does but for its warning of many pixels, and for the formats named above.

    The warning can be kept quiet through the filters of the whole process alone, which images
    that are read in threads would change under each other. And a stranger's file should start no
    Ghostscript.
    """
    Image.init()
    start = file.read(16)
    if not start:
        raise SyntaxError("it is empty")
    for name in FORMATS:
        factory, accepts = Image.OPEN[name]
        if accepts is not None and accepts(start) is True:
            file.seek(0)
            # Without the file's name, by which Pillow would map it into memory: of a TIFF that is
            # turned and not compressed it then takes height for width.
            return factory(file, "")
    raise SyntaxError("its content is none of PNG, JPEG, TIFF, BMP, GIF, WebP, PPM, JPEG 2000")


def _stored_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and height as the pixels are stored; a TIFF gives its size as it will be turned."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        return tags[TiffImagePlugin.IMAGEWIDTH], tags[TiffImagePlugin.IMAGELENGTH]
    return image.size


def _orientation(image: ImageFile.ImageFile) -> int:
    """The EXIF orientation; upright where what is said of it cannot be read.

    A PNG can say it after its pixels, and Pillow's `getexif` of a PNG decodes them all to look
    there; the general one reads what stands before them, where cameras and Pillow put it.
    """
    try:
        return int(Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1))
    except BROKEN:
        return 1


def _loaded(image: ImageFile.ImageFile) -> Image.Image:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # A TIFF that makes room for its pixels itself warns of their number once more.
        image.im = Image.new(image.mode, _stored_size(image)).im
    image.load()
    return image


def _lossy(image: ImageFile.ImageFile) -> bool | None:
    names = {image.format, image.info.get("compression")}
    return None if names & UNSURE else bool(names & LOSSY)


def _plain(image: Image.Image, name: str) -> Image.Image:
    """The image as grey or colour of 8 bits, with alpha or without, or grey of 16 bits."""
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_sixteen_bits(image, name))
    if image.mode in ("L", "LA", "1", "La"):
        # Transparency that a file names by a grey level stands beside the pixels, in `info`.
        return image.convert("LA" if image.has_transparency_data else "L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _sixteen_bits(image: Image.Image, name: str) -> NDArray[np.uint16]:
    levels = np.asarray(image)
    if image.mode == "F" or (levels.size and not 0 <= levels.min() <= levels.max() <= 65535):
        raise UserError(
            f"{name}: its pixels are fractions, negative or beyond 65535; "
            "save the image with 8 or 16 bits a pixel"
        )
    levels = levels.astype(np.uint16)
    if _white_is_zero(image):  # Pillow turns it around at 8 bits and leaves it at 16
        levels = np.iinfo(np.uint16).max - levels
    return levels


def _white_is_zero(image: Image.Image) -> bool:
    said = TiffImagePlugin.PHOTOMETRIC_INTERPRETATION
    return isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(said, 0) == 0


def _unreadable(name: str, error: BaseException) -> UserError:
    said = error.strerror if isinstance(error, OSError) else None
    return UserError(f"{name}: not a readable image ({said or reason(error)}); bring it again")
