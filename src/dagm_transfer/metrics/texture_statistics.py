"""Grey-level and band statistics of a texture, and of a defect against its surroundings.

They say how alike two sets of texture images are without any network: the grey
levels (mean, deviation, percentiles) and how much of the deviation lies at which
scale (differences of Gaussians, an octave each; Burt and Adelson 1983).
"""

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

SIGMAS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Widths in pixels between which the bands lie; the first band is all that is finer than 1."""

PERCENTILES: Final = (1, 5, 25, 50, 75, 95, 99)

BANDS: Final = (
    "band_below_1",
    *(f"band_{low:g}_{high:g}" for low, high in itertools.pairwise(SIGMAS)),
)
"""Names of the bands, fine to coarse."""

RING_GROWTH: Final = 1.7
"""The ring ends where the label, grown about its centre by this factor, ends (see
`label_contrast`)."""

MIN_RING: Final = 12
"""The ring is at least this wide, in pixels: a thin label grown by a factor stays thin."""


def band_images(pixels: NDArray[np.generic]) -> NDArray[np.float32]:
    """Split an image into octaves: differences of Gaussians.

    Args:
        pixels: Grey levels, [height, width].

    Returns:
        [7, height, width] float32, fine to coarse as in `BANDS`; with the mean of the
        coarsest Gaussian added, they sum to the image.
    """
    # With the image mirrored at its borders, a Gaussian is a product with the cosine
    # transform: exact, and at these widths five times faster than sliding a kernel.
    spectrum = fft.dctn(pixels.astype(np.float32), norm="ortho")
    down, right = (np.pi * np.arange(n, dtype=np.float32) / n for n in spectrum.shape)
    squared = down[:, None] ** 2 + right[None, :] ** 2
    passed = [np.ones_like(squared), *(np.exp(-squared * (s**2 / 2)) for s in SIGMAS)]
    return np.stack(
        [
            fft.idctn(spectrum * (fine - coarse), norm="ortho")
            for fine, coarse in itertools.pairwise(passed)
        ]
    )


def texture_statistics(pixels: NDArray[np.generic]) -> dict[str, float]:
    """Describe an image by its grey levels and by the deviation of each octave.

    Args:
        pixels: Grey levels, [height, width], not empty.

    Returns:
        `mean`, `deviation`, `p1` .. `p99` and the deviations of `BANDS`, in grey levels.

    Raises:
        ValueError: Where pixels is not a non-empty matrix.

    Example:
        >>> stripes = np.tile([0, 200], (64, 32)).astype(np.uint8)
        >>> statistics = texture_statistics(stripes)
        >>> statistics["mean"], statistics["deviation"], statistics["p5"], statistics["p95"]
        (100.0, 100.0, 0.0, 200.0)
        >>> round(statistics["band_below_1"]), round(statistics["band_8_16"])
        (98, 1)
    """
    _check_matrix(pixels)
    values = pixels.astype(np.float64)
    percentiles = np.percentile(values, PERCENTILES)
    deviations = band_images(pixels).std(axis=(1, 2), dtype=np.float64)
    return {
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        **{f"p{p}": float(v) for p, v in zip(PERCENTILES, percentiles, strict=True)},
        **{name: float(v) for name, v in zip(BANDS, deviations, strict=True)},
    }


def ring_around(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Choose the pixels around a label that it is compared with.

    The ring begins two pixels outside the label and is as wide as makes the label
    `RING_GROWTH` times as large across (by its equivalent radius), at least `MIN_RING`: near
    enough to share the illumination and the local pattern, large enough (about twice the
    label's area) that its deviation is a steady denominator. The two pixels left out keep
    soft ends of a defect that reach past its label out of the ring.

    Args:
        mask: The label, [height, width].

    Returns:
        [height, width] bool, disjoint from mask; empty only where the label fills the image.
    """
    equivalent_radius = float(np.sqrt(mask.sum() / np.pi))
    width = max(MIN_RING, (RING_GROWTH - 1) * equivalent_radius)
    distance = ndimage.distance_transform_edt(~mask)
    return np.asarray((distance > 2) & (distance <= 2 + width), dtype=np.bool_)


def label_contrast(pixels: NDArray[np.generic], mask: NDArray[np.bool_]) -> dict[str, float]:
    """Compare the inside of a weak label with a ring around it (see `ring_around`).

    Args:
        pixels: Grey levels, [height, width].
        mask: The weak label, [height, width].

    Returns:
        `deviation_ratio` and one `..._ratio` for each of `BANDS`: deviation inside over
        deviation in the ring (1 = no difference); `mean_difference`: mean inside less mean
        in the ring, in grey levels.

    Raises:
        ValueError: Where the shapes differ, or the mask or the ring is empty.

    Example:
        >>> pixels = np.tile([0, 200], (64, 32)).astype(np.uint8)
        >>> mask = np.zeros((64, 64), dtype=bool)
        >>> mask[24:40, 24:40] = True
        >>> pixels[mask] = 50 + pixels[mask] // 2
        >>> contrast = label_contrast(pixels, mask)
        >>> contrast["deviation_ratio"], contrast["mean_difference"]
        (0.5, 0.0)
    """
    _check_matrix(pixels)
    if pixels.shape != mask.shape:
        raise ValueError(f"image {pixels.shape} and mask {mask.shape} differ in shape")
    if not mask.any():
        raise ValueError("the mask is empty")
    ring = ring_around(mask)
    if not ring.any():
        raise ValueError("the mask leaves no ring around it")
    values = pixels.astype(np.float64)
    bands = band_images(pixels)
    # A flat ring would divide by zero; a thousandth of a grey level is below all rounding.
    ratios = {
        f"{name}_ratio": float(band[mask].std() / max(float(band[ring].std()), 1e-3))
        for name, band in zip(BANDS, bands, strict=True)
    }
    return {
        "mean_difference": float(values[mask].mean() - values[ring].mean()),
        "deviation_ratio": float(values[mask].std() / max(float(values[ring].std()), 1e-3)),
        **ratios,
    }


def _check_matrix(pixels: NDArray[np.generic]) -> None:
    if pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"expected a non-empty [height, width] image, got {pixels.shape}")
