"""Texture 4: an embossed plate with creases that radiate from a dark star."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dagm_transfer.data.kinds.synthetic.noise import (
    Grey,
    frequencies,
    power_law_steps,
    shaped_noise,
    splat,
)

_HUB = 263 / 512
"""The star's place in x and y, as a share of the side."""

_STAR_SEED = 2008
"""The star has the same outline in all images, whatever the data set's seed."""

_FRAME_LEVEL = 73.0

_CREASES = 115
"""Of either width."""

_RELIEF = 40.0
"""Brightness of a slope of 1, for lines of unit weight."""

_PAPER = ((0.01, 100.0), (0.03, 300.0), (0.08, 400.0), (0.13, 260.0), (0.2, 60.0), (0.3, 2.0))


@lru_cache(maxsize=8)
def _star(size: int) -> tuple[Grey, Grey]:
    """Coverage of the dark hub, a ragged blot, and the shadow around it in grey levels."""
    rng = np.random.default_rng(_STAR_SEED)
    scale = max(size / 512, 0.35)
    at = np.arange(size, dtype=np.float32) - np.float32(_HUB * size)
    radius = np.hypot(at[None, :], at[:, None]) / scale
    angle = np.arctan2(at[:, None], at[None, :])
    edge = 11 + sum(
        rng.uniform(0.5, 1.4) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in range(3, 10)
    )
    hub = np.clip(0.5 + (edge - radius) / 3, 0, 1)
    halo = 50 * np.exp(-np.clip(radius - 12, 0, None) / 22)
    return hub.astype(np.float32), halo.astype(np.float32)


@lru_cache(maxsize=8)
def _shade(size: int) -> Grey:
    """The plate's illumination: darker at the upper left."""
    at = np.linspace(-1, 1, size, dtype=np.float32)
    return np.asarray(4.0 * at[None, :] + 5.0 * at[:, None], dtype=np.float32)


@lru_cache(maxsize=8)
def _paper_relief(size: int) -> NDArray[np.float32]:
    horizontal, vertical = frequencies(size)
    radius = np.hypot(horizontal, vertical)
    # Lit from the upper left like the creases: the slope along the light, hardly any across.
    slope = np.abs(horizontal + vertical) / np.maximum(radius, 1e-6)
    return np.asarray(power_law_steps(radius, _PAPER) * slope, dtype=np.float32)


def creases(rng: np.random.Generator, size: int, defect: Grey) -> Grey:
    """Draw the plate; a defect is a scratch a little darker than the plate.

    Creases are lines of height, each slightly bent, blurred to two widths and lit from the
    upper left: brightness is the slope of the height along the light. All images share the
    star and, but for small differences, the bearings of the creases.

    Args:
        rng: Source of chance.
        size: Side of the image.
        defect: Coverage of the scratch, [size, size].

    Returns:
        Grey levels, [size, size].
    """
    height = np.zeros((size, size), dtype=np.float32)
    for group, width in enumerate((1.3, 2.0)):
        ridges = ndimage.gaussian_filter(_crease_lines(rng, size, group), width)
        height += np.float32(_RELIEF * width**2) * ridges
    down, right = np.gradient(height)
    star, halo = _star(size)
    plate = rng.uniform(174, 188) + _shade(size) - halo + down + right
    plate += shaped_noise(rng, _paper_relief(size), size)
    plate += star * (103.0 - plate)
    plate -= 60.0 * defect
    plate[[0, -1], :] = _FRAME_LEVEL
    plate[:, [0, -1]] = _FRAME_LEVEL
    return np.asarray(plate, dtype=np.float32)


def _crease_lines(rng: np.random.Generator, size: int, group: int) -> Grey:
    """Thin lines of height from the hub outwards; a group is those of one width."""
    scale = max(size / 512, 0.35)
    fixed = np.random.default_rng([_STAR_SEED, group])
    points, weights = [], []
    # Fewer where the field of view is smaller, or they would run into one another.
    count = round(_CREASES * scale)
    for place in range(count):
        # Evenly around, but for a jitter of about their distance.
        bearing = 2 * np.pi / count * (place + fixed.normal(0, 0.7)) + rng.normal(0, 0.02)
        length = fixed.uniform(120, 420) * rng.uniform(0.85, 1.15) * scale
        strength = fixed.gamma(3.0, 0.36) * rng.uniform(0.6, 1.4)
        sign = 1.0 if fixed.random() < 0.6 else -1.0
        bow = fixed.normal(0, 0.15) + rng.normal(0, 0.05)
        along = np.arange(8.0 * scale, length, 0.5)
        share = along / length
        bend = bearing + bow * share + 0.004 * np.sin(along / rng.uniform(12, 30))
        spoke = along[:, None] * np.stack([np.cos(bend), np.sin(bend)], axis=1)
        points.append(_HUB * size + spoke)
        fall = (1 - share) ** 0.4 * (1.0 + 1.2 * np.exp(-along / (50 * scale)))
        weights.append(0.5 * sign * strength * fall)
    return splat(np.concatenate(points), np.concatenate(weights), size)
