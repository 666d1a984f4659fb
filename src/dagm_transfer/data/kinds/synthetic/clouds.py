"""Textures 3 and 5: fractal clouds over an illumination that all images share."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dagm_transfer.data.kinds.synthetic.noise import (
    Grey,
    frequencies,
    power_law_steps,
    shaped_noise,
)

_LAYOUT_SEED = 2007
"""Of what is the same in all images of a texture, whatever the data set's seed."""

_NATIVE = 512
"""Side of the images that the layouts are drawn for; other sizes see them scaled."""


@lru_cache(maxsize=8)
def _dashes_amplitude(size: int) -> NDArray[np.float32]:
    horizontal, vertical = frequencies(size)
    radius = np.hypot(horizontal, vertical)
    anchors = (
        (0.006, 6e3),
        (0.012, 4e4),
        (0.033, 4.2e4),
        (0.066, 6.3e3),
        (0.13, 620.0),
        (0.21, 200.0),
        (0.30, 58.0),
        (0.38, 20.0),
        (0.5, 10.0),
    )
    amplitude = power_law_steps(radius, anchors)
    # Short horizontal dashes: more power in vertical frequencies of periods of 12 to 25 pixels.
    share = (vertical / np.maximum(radius, 1e-6)) ** 8
    dashes = np.exp(-((np.log(np.maximum(radius, 1e-6) / 0.055) / 0.45) ** 2))
    return np.asarray(amplitude * np.sqrt(1 + 1.6 * share * dashes), dtype=np.float32)


@lru_cache(maxsize=8)
def _paper_amplitude(size: int) -> NDArray[np.float32]:
    horizontal, vertical = frequencies(size)
    radius = np.hypot(horizontal, vertical * np.float32(1.07))
    anchors = (
        (0.006, 6e3),
        (0.012, 2.4e4),
        (0.033, 2.4e4),
        (0.066, 7.5e3),
        (0.13, 2.4e3),
        (0.21, 790.0),
        (0.30, 125.0),
        (0.38, 22.0),
        (0.5, 8.0),
    )
    return power_law_steps(radius, anchors)


def _slow_cloud(seed: int, size: int) -> Grey:
    """A fixed cloud of unit deviation with nothing much finer than 40 pixels of 512."""
    rng = np.random.default_rng([_LAYOUT_SEED, seed])
    radius = np.hypot(*frequencies(_NATIVE))
    amplitude = 1 / (1 + (radius / 0.006) ** 2) ** 0.6 * np.exp(-((radius / 0.022) ** 4))
    cloud = shaped_noise(rng, amplitude.astype(np.float32), _NATIVE)
    if size != _NATIVE:
        at = np.linspace(0, _NATIVE - 1, size)
        cloud = ndimage.map_coordinates(cloud, np.meshgrid(at, at, indexing="ij"), order=1)
    return np.asarray(cloud / cloud.std(), dtype=np.float32)


@lru_cache(maxsize=8)
def _dashes_illumination(size: int) -> Grey:
    at = np.linspace(0, _NATIVE - 1, size, dtype=np.float32)
    columns = np.interp(
        at,
        [0, 6, 14, 45, 110, 170, 250, 330, 420, 480, 500, 511],
        [-8, 6, 18, 31, 25, 11, 4, -6, -22, -32, -12, -8],
    )
    rows = np.interp(at, [0, 60, 120, 250, 380, 511], [-2, 6, 6, 2, -4, -8])
    layout = columns[None, :] + rows[:, None] + 8.0 * _slow_cloud(3, size)
    return np.asarray(layout - layout.mean(), dtype=np.float32)


@lru_cache(maxsize=8)
def _paper_illumination(size: int) -> Grey:
    at = np.linspace(-1, 1, size, dtype=np.float32)
    slope = -9.0 * at[None, :] - 6.0 * at[:, None] * at[None, :] - 3.0 * at[:, None]
    layout = slope + 14.0 * _slow_cloud(5, size)
    return np.asarray(layout - layout.mean(), dtype=np.float32)


def dashes(rng: np.random.Generator, size: int, defect: Grey) -> Grey:
    """Draw texture 3: a cloud of short horizontal dashes, bright left and dark right.

    Args:
        rng: Source of chance.
        size: Side of the image.
        defect: Coverage of the specks, [size, size].

    Returns:
        Grey levels, [size, size].
    """
    contrast = rng.uniform(0.94, 1.06)
    cloud = contrast * shaped_noise(rng, _dashes_amplitude(size), size)
    # Faint bands: brightness of whole columns, and fainter of whole rows.
    frequency = np.fft.rfftfreq(size)
    slow = 0.22 + 1 / np.sqrt(1 + (frequency / 0.05) ** 2)
    for axis, strength in ((0, 5.0), (1, 2.5)):
        line = np.fft.irfft(np.fft.rfft(rng.standard_normal(size)) * slow, n=size)
        cloud += np.expand_dims(np.float32(strength) * line.astype(np.float32), axis)
    level = rng.uniform(125, 136)
    plain = level + contrast * _dashes_illumination(size) + cloud
    return np.asarray(plain + 105.0 * defect, dtype=np.float32)


def paper(rng: np.random.Generator, size: int, defect: Grey) -> Grey:
    """Draw texture 5: fine paper on a fixed cloud; a defect is a patch of dark hatching.

    Args:
        rng: Source of chance.
        size: Side of the image.
        defect: Coverage of the hatch lines, [size, size].

    Returns:
        Grey levels, [size, size].
    """
    contrast = rng.uniform(0.95, 1.05)
    cloud = 1.03 * shaped_noise(rng, _paper_amplitude(size), size)
    plain = rng.uniform(119, 131) + contrast * (_paper_illumination(size) + cloud)
    return np.asarray(plain * (1 - 0.72 * defect), dtype=np.float32)
