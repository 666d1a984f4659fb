"""Image files of every kind, upright, and the ones that are refused."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.decoded import MOST_PIXELS, decode
from dagm_transfer.data.pixels.images import read_picture
from dagm_transfer.data.pixels.masks import read_mask

RAMP = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    return tags


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.webp"])
def test_an_image_is_turned_as_its_exif_says(tmp_path, name, orientation):
    path = tmp_path / name
    Image.fromarray(RAMP).save(path, exif=exif(orientation))
    # By its bytes: what Pillow reads by name of a turned, uncompressed TIFF is scrambled.
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L"))
    picture = read_picture(path)
    assert np.array_equal(picture.levels, expected)
    assert ("turned" in picture.traits) == (orientation != 1)


def test_a_turned_tiff_is_the_turned_image(tmp_path):
    for compression in ("raw", "tiff_lzw"):
        path = tmp_path / f"{compression}.tif"
        Image.fromarray(RAMP).save(path, exif=exif(6), compression=compression)
        assert np.array_equal(read_picture(path).levels, np.rot90(RAMP, -1))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_sixteen_bits_turn_too(tmp_path, name, orientation):
    Image.fromarray(RAMP).save(tmp_path / f"8{name}", exif=exif(orientation))
    Image.fromarray(RAMP * np.uint16(257)).save(tmp_path / name, exif=exif(orientation))
    expected = read_picture(tmp_path / f"8{name}").levels * np.uint16(257)
    assert np.array_equal(read_picture(tmp_path / name).levels, expected)


def test_a_mask_turns_as_its_image_does(tmp_path):
    shape = np.zeros((4, 6), bool)
    shape[0, 4] = True
    Image.fromarray(shape).save(tmp_path / "mask.png", exif=exif(6))
    assert np.argwhere(read_mask(tmp_path / "mask.png")).tolist() == [[4, 3]]


def test_an_orientation_that_cannot_be_read_is_passed_over(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "a.png", exif=b"Exif\x00\x00nonsense")
    picture = read_picture(tmp_path / "a.png")
    assert np.array_equal(picture.levels, RAMP)
    assert not picture.traits


@pytest.mark.parametrize("read", [read_picture, read_mask])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"", "it is empty"),
        (b"P", "its content is none of PNG, JPEG"),
        (b"P1 is the first part", "not a readable image"),
        (b"<html>not found</html>", "its content is none of PNG, JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "its content is none of PNG"),
    ],
)
def test_what_is_no_image_is_refused_in_one_line(tmp_path, content, why, read):
    path = tmp_path / "0001.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"0001\.png: not a readable image \(.+\); bring") as raised:
        read(path)
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.bmp", "a.gif", "a.webp", "a.pgm"])
def test_a_torn_file_is_refused_and_an_open_one_is_not_left(tmp_path, name):
    path = tmp_path / name
    noise = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    before = open_files()
    decode(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match="not a readable image"):
        decode(path)
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


@pytest.mark.parametrize("levels", [-1, 65_536])
def test_levels_beyond_sixteen_bits_are_refused(tmp_path, levels):
    Image.fromarray(np.full((4, 6), levels, np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(UserError, match=r"a\.tif: its pixels are .*; save .* 8 or 16 bits"):
        decode(tmp_path / "a.tif")


def test_fractions_are_refused(tmp_path):
    Image.fromarray(np.full((4, 6), 0.5, np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(UserError, match=r"a\.tif: its pixels are fractions"):
        decode(tmp_path / "a.tif")


def test_white_is_zero_at_sixteen_bits_as_at_eight(tmp_path):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = 0
    Image.fromarray(RAMP * np.uint16(257)).save(tmp_path / "white.tif", tiffinfo=tags)
    with Image.open(tmp_path / "white.tif") as image:
        assert image.tag_v2[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] == 0
    levels = read_picture(tmp_path / "white.tif").levels
    assert np.array_equal(levels, 65_535 - RAMP * np.uint16(257))


def large(path: Path, side: int) -> Path:
    Image.new("1", (side, side)).save(path)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_too_many_pixels_are_refused_with_their_number(tmp_path, name):
    path = large(tmp_path / name, 13_378)
    with pytest.raises(UserError, match=rf"{name}: 13378 x 13378 .* cut the image into tiles$"):
        decode(path)
    assert 13_377**2 <= MOST_PIXELS < 13_378**2


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp"])
def test_many_pixels_are_read_without_a_warning(tmp_path, name):
    path = large(tmp_path / name, 9_500)
    code = (
        "import sys; from pathlib import Path;"
        "from dagm_transfer.data.pixels.decoded import decode;"
        "print(decode(Path(sys.argv[1])).image.size)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, path],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.stdout, done.stderr) == ("(9500, 9500)\n", "")
