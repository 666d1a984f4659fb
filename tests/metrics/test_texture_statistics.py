"""Statistics of textures against images whose answer is known."""

import numpy as np
import pytest

from dagm_transfer.data.kinds.synthetic.likeness import (
    MANY,
    Measured,
    Reference,
    compare,
    lies_within,
    measure,
    reference,
)
from dagm_transfer.metrics.texture_statistics import (
    BANDS,
    band_images,
    label_contrast,
    ring_around,
    texture_statistics,
)


def wave(period: float, size: int = 256) -> np.ndarray:
    column = 100 + 50 * np.sin(2 * np.pi * np.arange(size) / period)
    return np.tile(column, (size, 1))


def test_bands_and_the_coarsest_blur_sum_to_the_image():
    image = np.random.default_rng(0).uniform(0, 255, (64, 96))
    rest = image - band_images(image).sum(axis=0)
    # What is left is the Gaussian of 64 pixels: flat on so small an image.
    assert rest.std() < 1
    assert rest.mean() == pytest.approx(image.mean(), abs=1e-3)


@pytest.mark.parametrize(
    ("period", "band"),
    [(3, "band_below_1"), (6.5, "band_1_2"), (26, "band_4_8"), (52, "band_8_16")],
)
def test_a_wave_is_strongest_in_the_band_of_its_width(period, band):
    # exp(-u) - exp(-4 u) with u = (s w)^2 / 2 peaks at u = ln(4) / 3: a period of 6.5 s.
    statistics = texture_statistics(wave(period))
    assert max(BANDS, key=statistics.__getitem__) == band


def test_white_noise_has_the_known_deviation_below_one_pixel():
    noise = np.random.default_rng(1).normal(128, 20, (256, 256))
    # Squared frequency response of 1 - G(1), integrated: 1 - 2 G_1(0) + G_sqrt2(0), on the
    # plane 1 - 2 / (2 pi) + 1 / (4 pi).
    expected = 20 * np.sqrt(1 - 1 / np.pi + 1 / (4 * np.pi))
    assert texture_statistics(noise)["band_below_1"] == pytest.approx(expected, rel=0.01)


def test_percentiles_of_a_ramp():
    statistics = texture_statistics(np.arange(101, dtype=np.uint8)[None, :])
    assert [statistics[f"p{p}"] for p in (1, 25, 50, 99)] == [1, 25, 50, 99]


@pytest.mark.parametrize("shape", [(0, 4), (4,), (4, 4, 3)])
def test_no_matrix_is_refused(shape):
    with pytest.raises(ValueError, match="non-empty"):
        texture_statistics(np.zeros(shape))


def test_ring_leaves_out_the_label_and_two_pixels():
    mask = np.zeros((100, 100), dtype=bool)
    mask[45:55, 45:55] = True
    ring = ring_around(mask)
    assert not (ring & mask).any()
    assert not ring[50, 56]
    assert ring[50, 57]
    assert ring[50, 66]
    assert not ring[50, 70]


def test_equal_texture_has_a_contrast_of_one_and_a_quiet_patch_less():
    noise = np.random.default_rng(2).normal(128, 20, (200, 200))
    mask = np.zeros(noise.shape, dtype=bool)
    mask[70:130, 70:130] = True
    assert label_contrast(noise, mask)["deviation_ratio"] == pytest.approx(1, abs=0.05)
    quiet = np.where(mask, 128 + (noise - 128) / 4 + 10, noise)
    contrast = label_contrast(quiet, mask)
    assert contrast["deviation_ratio"] == pytest.approx(0.25, abs=0.02)
    assert contrast["band_below_1_ratio"] == pytest.approx(0.25, abs=0.03)
    assert contrast["mean_difference"] == pytest.approx(10, abs=1)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((8, 8), dtype=bool), "mask is empty"),
        (np.ones((8, 8), dtype=bool), "no ring"),
        (np.ones((8, 9), dtype=bool), "differ in shape"),
    ],
)
def test_masks_without_a_contrast_are_refused(mask, message):
    with pytest.raises(ValueError, match=message):
        label_contrast(np.zeros((8, 8)), mask)


def test_a_span_is_widened_by_the_greater_of_share_and_floor():
    assert lies_within(14.9, 5, 10, share=0.2, floor=5)
    assert not lies_within(15.1, 5, 10, share=0.2, floor=5)
    assert lies_within(119, 90, 100, share=0.2, floor=5)
    assert not lies_within(71, 90, 100, share=0.2, floor=5)


def one_value(label: float, count: int) -> Measured:
    return Measured(
        images={"mean": [100.0], "band_1_2": [10.0]},
        labels={"deviation_ratio": [label] * count},
        ellipses={"semi_major": [50.0], "semi_minor": [20.0]},
    )


@pytest.mark.parametrize("count", [1, MANY])
def test_comparison_accepts_the_like_and_refuses_the_unlike(count):
    target = reference(one_value(0.8, count), (50, 20))
    assert all(row.within for row in compare(1, target, one_value(0.8, 30)))
    other = [row.statistic for row in compare(1, target, one_value(1.1, 30)) if not row.within]
    assert other == ["label_deviation_ratio"]


def test_bands_are_held_more_tightly_than_levels():
    target = Reference(
        2, 1, {"mean": (96, 97), "band_1_2": (6, 7)}, {"deviation_ratio": (0.8,)}, {
            "semi_major": 50, "semi_minor": 26
        },
    )  # fmt: skip
    outside = [row.statistic for row in compare(1, target, one_value(0.8, 5)) if not row.within]
    assert outside == ["band_1_2", "label_semi_minor"]


def test_measuring_needs_a_label():
    with pytest.raises(ValueError, match="no image has a label"):
        measure([(np.zeros((16, 16), dtype=np.uint8), None)])
