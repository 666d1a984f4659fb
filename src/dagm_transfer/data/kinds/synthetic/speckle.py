"""Texture 6: clumped black and white speckle."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.data.kinds.synthetic.noise import (
    Grey,
    frequencies,
    power_law_steps,
    shaped_noise,
    smooth_line,
    toned,
)

_POWER = (
    (0.004, 1100.0),
    (0.012, 235.0),
    (0.033, 82.0),
    (0.066, 38.0),
    (0.13, 9.6),
    (0.21, 2.0),
    (0.3, 0.5),
    (0.38, 0.17),
    (0.5, 0.05),
)

_TONES = (
    (-3.0, -6.0),
    (-2.33, 0.0),
    (-1.64, 8.0),
    (-0.67, 34.0),
    (0.0, 79.0),
    (0.67, 147.0),
    (1.64, 224.0),
    (2.33, 246.0),
    (3.2, 260.0),
)
"""Grey level of a standard normal value: black more often than white."""


@lru_cache(maxsize=8)
def _amplitude(size: int) -> NDArray[np.float32]:
    horizontal, vertical = frequencies(size)
    amplitude = power_law_steps(np.hypot(horizontal, vertical), _POWER)
    full = np.concatenate([amplitude, amplitude[:, 1:-1]], axis=1)
    return amplitude / np.float32(np.sqrt(np.mean(full**2)))


def speckle(rng: np.random.Generator, size: int, defect: Grey) -> Grey:
    """Draw the speckle; a defect is a long band in which hardly anything is white.

    The band is subtracted before the tone curve, so that bright clumps live on in it and its
    edge is as ragged as the speckle.

    Args:
        rng: Source of chance.
        size: Side of the image.
        defect: Coverage of the band, [size, size].

    Returns:
        Grey levels, [size, size].
    """
    values = shaped_noise(rng, _amplitude(size), size)
    values += 0.13 * smooth_line(rng, size, 2.5)[:, None]
    values += 0.1 * smooth_line(rng, size, 2.5)[None, :]
    values += np.float32(rng.uniform(-0.08, 0.08))
    # Inside the band the contrast is harder as well: what stays white stays quite white.
    return toned((values - 1.3 * defect) * (1 + 0.9 * defect), _TONES)
