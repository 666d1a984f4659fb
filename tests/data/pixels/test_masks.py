"""Image files as masks of the defect."""

import numpy as np
import pytest
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.pixels.masks import read_mask

SHAPE = np.zeros((32, 40), bool)
SHAPE[8:20, 10:30] = True
BYTES = SHAPE.astype(np.uint8)


def mask_of(path, image, **options):
    image.save(path, **options)
    return read_mask(path)


def painted(inside, outside, mode):
    colours = np.where(SHAPE[..., None], inside, outside).astype(np.uint8)
    return Image.fromarray(colours).convert(mode)


@pytest.mark.parametrize("value", [1, 2, 127, 255, 300, 65_535])
@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_whatever_is_not_black_is_in_the_defect(tmp_path, name, value):
    kind = np.uint8 if value < 256 else np.uint16
    levels = SHAPE.astype(kind) * kind(value)
    assert np.array_equal(mask_of(tmp_path / name, Image.fromarray(levels)), SHAPE)


def test_classes_and_bits_are_masks_too(tmp_path):
    classes = BYTES.copy()
    classes[10:12] *= 7
    assert np.array_equal(mask_of(tmp_path / "classes.png", Image.fromarray(classes)), SHAPE)
    assert np.array_equal(mask_of(tmp_path / "bits.png", Image.fromarray(SHAPE)), SHAPE)


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 0, 1)])
@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_a_defect_of_any_colour_is_found(tmp_path, mode, colour):
    image = painted(colour, (0, 0, 0), "RGB").quantize(2).convert(mode)
    assert np.array_equal(mask_of(tmp_path / "a.png", image), SHAPE)


def test_a_palette_counts_by_its_colours(tmp_path):
    image = Image.fromarray(1 - BYTES).convert("P")
    image.putpalette([255, 0, 0, 0, 0, 0])  # number 0 is red, 1 black
    assert np.array_equal(mask_of(tmp_path / "a.png", image), SHAPE)


@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 0, 0)])
def test_the_traces_of_a_jpeg_are_no_defect(tmp_path, colour):
    image = painted(colour, (0, 0, 0), "RGB")
    mask = mask_of(tmp_path / "a.jpg", image, quality=60, subsampling=0)
    assert (read_pixels(tmp_path / "a.jpg") > 0)[~SHAPE].any()
    assert np.array_equal(mask, SHAPE)
    assert np.array_equal(mask_of(tmp_path / "a.tif", image, compression="jpeg", quality=60), mask)


@pytest.mark.parametrize("name", ["a.webp", "a.jp2"])
def test_a_mask_that_may_have_traces_unseen_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=rf"{name}: a mask in this format .*; save it as PNG"):
        mask_of(tmp_path / name, Image.fromarray(BYTES))


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ((0, 0, 0, 255), (0, 0, 0, 0)),  # a shape in alpha, in black, in white
        ((255, 255, 255, 90), (255, 255, 255, 0)),
        ((255, 0, 0, 255), (0, 0, 0, 0)),  # a shape in both
        ((255, 0, 0, 255), (0, 0, 0, 255)),  # in colour under constant alpha
        ((255, 0, 0, 0), (0, 0, 0, 255)),  # colour counts where it varies
        ((1, 1, 1, 0), (0, 0, 0, 0)),
    ],
)
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_the_shape_where_colour_has_none(tmp_path, mode, inside, outside):
    if mode == "LA":
        inside, outside = ((max(c[:3]), c[3]) for c in (inside, outside))
    colours = np.where(SHAPE[..., None], inside, outside).astype(np.uint8)
    image = Image.fromarray(colours)
    assert image.mode == mode
    assert np.array_equal(mask_of(tmp_path / "a.png", image), SHAPE)


def test_entries_of_a_palette_that_differ_in_alpha_alone_are_a_shape(tmp_path):
    image = Image.fromarray(BYTES).convert("P")
    image.putpalette([0, 0, 0, 0, 0, 0])
    mask = mask_of(tmp_path / "a.png", image, transparency=bytes([0, 255]))
    assert np.array_equal(mask, SHAPE)


@pytest.mark.parametrize("value", [0, 255])
def test_one_colour_all_over_is_all_or_nothing(tmp_path, value):
    image = Image.fromarray(np.full((4, 6), value, np.uint8))
    assert (mask_of(tmp_path / "a.png", image) == bool(value)).all()


def test_an_absent_mask_is_refused_by_name(tmp_path):
    with pytest.raises(UserError, match=r"a\.png: not a readable image"):
        read_mask(tmp_path / "a.png")


def test_the_masks_of_real_images_are_what_is_not_black(real_dagm):
    paths = sorted(real_dagm.rglob("*_label.PNG"))[:20]
    assert paths
    for path in paths:
        mask = read_mask(path)
        assert mask.any()
        assert np.array_equal(mask, read_pixels(path) > 0)
