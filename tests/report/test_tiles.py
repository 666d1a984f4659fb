"""The small pictures of the contact sheet."""

import io

import numpy as np
import pytest
from PIL import Image, ImageColor

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.report.figures.tiles import AROUND_WINDOW, LABEL, LONGEST, WINDOW, tile


def drawn(picture, ellipse=None, window=None):
    png = tile(picture, ellipse, window)
    assert png == tile(picture, ellipse, window)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def is_colour(pixels, colour):
    return (pixels == ImageColor.getrgb(colour)).all(axis=-1)


@pytest.fixture
def noise():
    grey = np.random.default_rng(0).integers(0, 256, (512, 384), dtype=np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("shape", "size"), [((512, 384), (256, 192)), ((40, 20), (160, 80)), ((3, 3000), (1, 256))]
)
def test_a_picture_fits_the_sheet_in_its_own_proportions(shape, size):
    assert drawn(np.zeros((*shape, 3), np.uint8)).shape[:2] == size


def test_grey_stays_grey_beside_heat(noise):
    heated = noise.copy()
    heated[:100, :100] = (213, 94, 0)
    found = drawn(heated)
    spread = found.max(axis=2).astype(int) - found.min(axis=2)
    assert spread[:46, :46].min() > 100
    assert spread[54:].max() == 0
    assert spread[:, 54:].max() == 0


def test_a_picture_is_near_to_what_it_shows(noise):
    small = Image.fromarray(noise).resize((192, 256), Image.Resampling.LANCZOS)
    off = np.abs(drawn(noise).astype(int) - np.asarray(small).astype(int))
    assert off.max() <= 3


def test_the_ellipse_goes_round_its_middle(noise):
    ellipse = Ellipse(x=200.0, y=300.0, semi_major=120.0, semi_minor=40.0, angle=np.pi / 2)
    rows, columns = np.nonzero(is_colour(drawn(noise, ellipse), LABEL))
    assert LONGEST / 512 == 0.5
    assert (rows.min(), rows.max()) == pytest.approx((90, 210), abs=2)
    assert (columns.min(), columns.max()) == pytest.approx((80, 120), abs=2)


def test_the_window_is_outlined_where_it_lies(noise):
    white = np.full_like(noise, 128)
    found = drawn(white, window=(64, 128, 64))
    rows, columns = np.nonzero(is_colour(found, WINDOW))
    assert (rows.min(), rows.max()) == pytest.approx((64, 96), abs=2)
    assert (columns.min(), columns.max()) == pytest.approx((32, 64), abs=2)
    assert is_colour(found, AROUND_WINDOW).any()
    assert not is_colour(found[70:90, 38:58], WINDOW).any()
