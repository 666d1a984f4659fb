"""Resizing, and what each filter leaves of a fine texture."""

import numpy as np
import pytest
import torch
from PIL import Image
from planned import planned

from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.resize import _weights, resize

FILTERS = ["antialias", "bilinear", "nearest"]


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (96, 72), dtype=np.uint8)


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("size", [32, 64, 128])
def test_any_image_becomes_square_bytes(pixels, kind, size):
    resized = resize(pixels, size, kind)
    assert (resized.dtype, resized.shape) == (np.uint8, (size, size))


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("grey", [0, 77, 255])
def test_an_even_image_stays_as_it_is(kind, grey):
    assert (resize(np.full((50, 50), grey, np.uint8), 32, kind) == grey).all()


@pytest.mark.parametrize("kind", FILTERS)
def test_an_image_of_the_right_size_stays_as_it_is(kind):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)
    assert (resize(pixels, 32, kind) == pixels).all()


def test_antialias_is_pillows_triangle_filter(pixels):
    expected = Image.fromarray(pixels).resize((32, 32), Image.Resampling.BILINEAR)
    difference = resize(pixels, 32, "antialias").astype(int) - np.asarray(expected).astype(int)
    assert np.abs(difference).max() <= 1  # Pillow rounds between its two passes


def test_bilinear_weighs_the_four_nearest_alone():
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96), dtype=np.uint8)
    # At a third of the size each output pixel's centre falls on that of an input pixel.
    assert (resize(pixels, 32, "bilinear") == pixels[1::3, 1::3]).all()


def test_nearest_takes_pixels_as_they_are():
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96), dtype=np.uint8)
    assert (resize(pixels, 32, "nearest") == pixels[::3, ::3]).all()


def test_results_are_rounded_and_not_cut_off():
    assert resize(np.array([[10, 11], [11, 11]], np.uint8), 1, "antialias").item() == 11


def test_filters_change_the_contrast_of_real_texture_1_as_stated(real_dagm):
    found = planned(real_dagm / "Class1").found[::12]
    images = [read_pixels(image.image.origin) for image in found]

    def deviation(kind: str) -> float:
        return float(np.mean([resize(image, 224, kind).std() for image in images]))

    # The figures of the docstring of `resize`.
    assert np.mean([image.std() for image in images]) == pytest.approx(30, abs=2.5)
    assert deviation("antialias") == pytest.approx(14, abs=2.5)
    assert deviation("bilinear") == pytest.approx(21, abs=2.5)
    assert deviation("nearest") == pytest.approx(30, abs=2.5)


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("shape", [(512, 512), (37, 101), (20, 30)])
def test_every_filter_is_torchs_interpolate(kind, shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    grey = torch.from_numpy(pixels.astype(np.float32))[None, None]
    how = {"mode": "nearest"} if kind == "nearest" else {"mode": "bilinear", "align_corners": False}
    expected = torch.nn.functional.interpolate(
        grey, size=(64, 64), antialias=kind == "antialias", **how
    )
    np.testing.assert_allclose(resize(pixels, 64, kind), expected[0, 0].numpy(), atol=0.5001)


def test_images_of_any_number_of_sizes_leave_few_weights_in_memory():
    for side in range(40, 60):
        resize(np.zeros((side, side), np.uint8), 32, "antialias")
    assert _weights.cache_info().currsize <= 4
