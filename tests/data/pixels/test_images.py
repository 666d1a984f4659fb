"""Image files as grey levels, and levels as bytes."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.images import (
    SAID,
    Trait,
    bits_of,
    read_picture,
    read_pixels,
    to_bytes,
)

RAMP = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
RED = np.stack([RAMP, RAMP * 0, RAMP * 0], axis=-1)
GREY = np.stack([RAMP] * 3, axis=-1)
HALF = np.where(np.arange(6) < 3, 255, 0).astype(np.uint8) * np.ones((4, 1), np.uint8)


def save(path, pixels, mode=None, **options):
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def test_pixels_are_grey_bytes_whatever_the_file_holds(tmp_path):
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 100
    pixels = read_pixels(save(tmp_path / "red.png", red))
    assert (pixels.dtype, pixels.shape) == (np.uint8, (4, 6))
    assert set(pixels.ravel()) == {30}  # 0.299 of red


@pytest.mark.parametrize(
    ("name", "pixels", "mode", "traits"),
    [
        ("a.png", RAMP, None, set()),
        ("a.png", RAMP, "1", set()),
        ("a.png", RAMP, "LA", set()),
        ("a.png", GREY, None, set()),
        ("a.png", RED, None, {"colour"}),
        ("a.png", RED, "RGBA", {"colour"}),
        ("a.png", RED, "P", {"colour", "palette"}),
        ("a.gif", RED, "P", {"colour", "palette"}),
        ("a.bmp", RED, None, {"colour"}),
        ("a.ppm", RED, None, {"colour"}),
        ("a.webp", RED, None, {"colour"}),
        ("a.jpg", RAMP, None, set()),
        ("a.jpg", RED, None, {"colour"}),
        ("a.jpg", RED, "CMYK", {"colour"}),
        ("a.tif", RAMP, "1", set()),
        ("a.tif", RED, "P", {"colour", "palette"}),
        ("a.tif", RED, "CMYK", {"colour"}),
        ("a.tif", RED, "RGBA", {"colour"}),
    ],
)
def test_every_kind_of_eight_bits_is_the_grey_that_pillow_makes_of_it(
    tmp_path, name, pixels, mode, traits
):
    path = save(tmp_path / name, pixels, mode)
    picture = read_picture(path)
    with Image.open(path) as image:
        expected = np.asarray(image.convert("L"))
    assert np.array_equal(picture.levels, expected)
    assert np.array_equal(read_pixels(path), expected)
    assert picture.traits == traits


def test_the_inverted_cmyk_of_a_jpeg_is_dark_where_the_image_is_dark(tmp_path):
    levels = read_picture(save(tmp_path / "a.jpg", GREY, "CMYK", quality=95)).levels
    assert np.abs(levels.astype(int) - RAMP).max() < 12


@pytest.mark.parametrize("compression", ["raw", "jpeg"])
def test_a_tiff_of_ycbcr_is_grey_as_its_colours_are(tmp_path, compression):
    path = save(tmp_path / "a.tif", GREY, "YCbCr", compression=compression)
    assert np.abs(read_picture(path).levels.astype(int) - RAMP).max() < 12


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_colours_count_as_they_are_under_any_alpha(tmp_path, mode):
    image = Image.fromarray(RAMP).convert(mode)
    image.putalpha(Image.fromarray(HALF))
    image.save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert np.array_equal(picture.levels, RAMP)
    assert picture.traits == {"transparent"}


@pytest.mark.parametrize("alpha", [0, 128, 255])
def test_alpha_that_is_the_same_everywhere_says_nothing(tmp_path, alpha):
    image = Image.fromarray(RAMP).convert("RGBA")
    image.putalpha(alpha)
    image.save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert np.array_equal(picture.levels, RAMP)
    assert not picture.traits


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("pixels", "mode", "key", "traits"),
    [
        (RAMP, None, 50, {"transparent"}),
        (RAMP, None, 51, set()),
        (GREY, None, (50, 50, 50), {"transparent"}),
        (GREY, "P", bytes([0] * 9 + [255] * 247), {"transparent", "palette"}),
    ],
)
def test_a_colour_named_as_transparent_is_transparency(tmp_path, pixels, mode, key, traits):
    picture = read_picture(save(tmp_path / "a.png", pixels, mode, transparency=key))
    assert picture.traits - {"colour"} == traits


@pytest.mark.parametrize("name", ["a.gif", "a.tif", "a.png", "a.webp"])
def test_of_several_frames_the_first_is_read(tmp_path, name):
    others = [Image.fromarray(255 - RAMP)] * 2
    options = {"lossless": True} if name == "a.webp" else {}
    Image.fromarray(RAMP).save(tmp_path / name, save_all=True, append_images=others, **options)
    picture = read_picture(tmp_path / name)
    assert np.array_equal(picture.levels, RAMP)
    assert "frames" in picture.traits


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm", "a.jp2"])
def test_sixteen_bits_stay_sixteen(tmp_path, name):
    deep = RAMP.astype(np.uint16) * 257 + 3
    path = save(tmp_path / name, deep)
    picture = read_picture(path)
    assert picture.levels.dtype == np.uint16
    assert np.array_equal(picture.levels, deep)
    assert not picture.traits
    with pytest.raises(UserError, match=r"more than 8 bits a pixel; `dagm import`"):
        read_pixels(path)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_a_big_endian_tiff_has_the_same_levels(tmp_path, compression):
    deep = RAMP.astype(np.uint16) * 257 + 3
    image = Image.frombytes("I;16B", (6, 4), deep.astype(">u2").tobytes())
    image.save(tmp_path / "a.tif", compression=compression)
    assert np.array_equal(read_picture(tmp_path / "a.tif").levels, deep)


def test_a_tiff_of_thirty_two_bits_within_sixteen_is_read(tmp_path):
    deep = RAMP.astype(np.int32) * 257
    assert np.array_equal(read_picture(save(tmp_path / "a.tif", deep)).levels, deep)


def test_deep_colour_is_read_by_its_upper_bits_and_says_so(tmp_path):
    """Pillow writes no such file; a PNG by hand: one row of two pixels of 16-bit RGB."""
    path = tmp_path / "a.png"
    path.write_bytes(png_of_deep_colour([[0x1234] * 3, [0xAB00] * 3]))
    picture = read_picture(path)
    assert picture.levels.tolist() == [[0x12, 0xAB]]
    assert picture.traits == {"deep"}


def png_of_deep_colour(pixels):
    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", len(pixels), 1, 16, 2, 0, 0, 0)
    row = b"\0" + np.array(pixels, ">u2").tobytes()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(row))
        + chunk(b"IEND", b"")
    )


def test_every_trait_has_a_sentence_of_its_own():
    assert set(SAID) == set(get_args(Trait))
    assert len(set(SAID.values())) == len(SAID)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pixels=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12)),
    ending=st.sampled_from(["png", "tif"]),
    factor=st.sampled_from([1, 16, 257]),
)
def test_what_was_eight_bits_comes_back_from_any_depth(tmp_path, pixels, ending, factor):
    pixels[0, 0] = 255  # the set reaches its depth
    kind = np.uint8 if factor == 1 else np.uint16
    path = save(tmp_path / f"a.{ending}", pixels.astype(kind) * kind(factor))
    levels = read_picture(path).levels
    bits = bits_of(int(levels.max()))
    assert bits == {1: 8, 16: 12, 257: 16}[factor]
    assert np.array_equal(to_bytes(levels, bits), pixels)


def test_a_file_of_bytes_in_a_deeper_set_stays_as_it_is():
    assert np.array_equal(to_bytes(RAMP, 16), RAMP)


def test_levels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="level 1024 does not fit 10 bits"):
        to_bytes(np.array([1024], np.uint16), 10)
    with pytest.raises(ValueError, match="9 bits"):
        to_bytes(np.array([1], np.uint16), 9)


@pytest.mark.parametrize("largest", [-1, 65_536])
def test_no_depth_holds_what_is_no_level(largest):
    with pytest.raises(ValueError, match=str(largest)):
        bits_of(largest)


def test_threads_read_the_same_as_one(tmp_path):
    kinds = [("a.png", RAMP, None), ("a.jpg", RED, None), ("a.tif", GREY, "P")]
    paths = [save(tmp_path / f"{n}{name}", p, m) for n in range(8) for name, p, m in kinds]
    alone = [read_picture(path) for path in paths]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(read_picture, paths))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.levels, other.levels)
        assert one.traits == other.traits


def test_real_images_are_plain_grey_bytes(real_dagm):
    for path in sorted(real_dagm.rglob("*.PNG"))[:20]:
        picture = read_picture(path)
        assert (picture.levels.dtype, picture.levels.shape) == (np.uint8, (512, 512))
        assert not picture.traits
