"""Building blocks of the textures: shaped noise, tone curves, curves and strokes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

Grey: TypeAlias = NDArray[np.float32]
"""[height, width] in grey levels or coverage."""

Points: TypeAlias = NDArray[np.float64]
"""[points, 2], x and y in pixels."""


@lru_cache(maxsize=8)
def frequencies(size: int) -> tuple[Grey, Grey]:
    """Frequencies of a real transform of a square image, in cycles per pixel.

    Args:
        size: Side of the image.

    Returns:
        Horizontal [1, size // 2 + 1] and vertical [size, 1] frequencies (read only).
    """
    horizontal = np.fft.rfftfreq(size).astype(np.float32)[None, :]
    vertical = np.fft.fftfreq(size).astype(np.float32)[:, None]
    horizontal.flags.writeable = False
    vertical.flags.writeable = False
    return horizontal, vertical


def power_law_steps(
    radius: NDArray[np.floating], anchors: Sequence[tuple[float, float]]
) -> NDArray[np.float32]:
    """Amplitude spectrum from a power spectrum given at a few frequencies.

    Args:
        radius: Frequencies, cycles per pixel, any shape.
        anchors: (frequency, power) pairs, rising in frequency, power in squared grey levels
            per unit of white noise; straight lines between them in the log-log plot, and
            held constant outside.

    Returns:
        Square root of the power, the shape of radius.
    """
    at, power = np.log(np.asarray(anchors, dtype=np.float64)).T
    logs = np.interp(np.log(np.maximum(radius, 1e-6)), at, power)
    return np.asarray(np.exp(logs / 2), dtype=np.float32)


def shaped_noise(rng: np.random.Generator, amplitude: NDArray[np.float32], size: int) -> Grey:
    """Draw Gaussian noise with a given amplitude spectrum.

    Args:
        rng: Source of chance.
        amplitude: [size, size // 2 + 1], on `frequencies(size)`; 1 everywhere is white noise
            of unit deviation.
        size: Side of the image.

    Returns:
        [size, size] float32, mean about 0.
    """
    white = rng.standard_normal((size, size), dtype=np.float32)
    spectrum = fft.rfft2(white)
    spectrum *= amplitude
    return np.asarray(fft.irfft2(spectrum, s=(size, size)), dtype=np.float32)


def smooth_line(rng: np.random.Generator, size: int, width: float) -> NDArray[np.float32]:
    """Draw a smooth random line of unit deviation.

    Args:
        rng: Source of chance.
        size: Number of values.
        width: Gaussian smoothing in pixels.

    Returns:
        [size] float32.
    """
    line = ndimage.gaussian_filter1d(rng.standard_normal(size), width, mode="wrap")
    return np.asarray(line / max(float(line.std()), 1e-6), dtype=np.float32)


def toned(normal: Grey, curve: Sequence[tuple[float, float]]) -> Grey:
    """Turn Gaussian values into grey levels with a wanted histogram.

    Args:
        normal: Values, [height, width].
        curve: (value, grey level) pairs, rising; linear between, held outside.

    Returns:
        Grey levels, [height, width].
    """
    at, level = np.asarray(curve, dtype=np.float64).T
    # A table with fine steps: interp over so many pixels directly is five times slower.
    steps = 2048
    low, high = float(at[0]), float(at[-1])
    table = np.interp(np.linspace(low, high, steps), at, level).astype(np.float32)
    index = np.clip((normal - low) * ((steps - 1) / (high - low)), 0, steps - 1)
    return np.asarray(table[index.astype(np.int32)], dtype=np.float32)


def arc(
    length: float, bend: float, *, angle: float, centre: tuple[float, float], step: float = 0.25
) -> Points:
    """Lay a smooth curve of constant curvature.

    Args:
        length: Along the curve, pixels.
        bend: Turn from one end to the other, radians (0 is straight).
        angle: Direction at the middle, radians.
        centre: x and y of the middle of the curve's extent.
        step: Distance between points.

    Returns:
        [points, 2] x and y, evenly spaced along the curve.
    """
    count = max(int(length / step), 2)
    along = np.linspace(-0.5, 0.5, count)
    direction = angle + bend * along
    path = np.cumsum(np.stack([np.cos(direction), np.sin(direction)], 1), axis=0) * step
    middle = (path.max(axis=0) + path.min(axis=0)) / 2
    return np.asarray(path - middle + np.asarray(centre), dtype=np.float64)


def splat(points: Points, weight: NDArray[np.floating] | float, size: int) -> Grey:
    """Add up points on the pixel grid, each shared bilinearly among four pixels.

    Args:
        points: [points, 2]; those outside are left out.
        weight: [points] or one for all.
        size: Side of the image.

    Returns:
        [size, size] float32.
    """
    weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), (len(points),))
    corner = np.floor(points).astype(np.int64)
    part = points - corner
    total = np.zeros(size * size)
    for right in (0, 1):
        for down in (0, 1):
            x, y = corner[:, 0] + right, corner[:, 1] + down
            share = np.abs(1 - right - part[:, 0]) * np.abs(1 - down - part[:, 1]) * weights
            inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
            flat = y[inside] * size + x[inside]
            total += np.bincount(flat, weights=share[inside], minlength=size * size)
    return total.reshape(size, size).astype(np.float32)


def stroke(points: Points, width: float, size: int, *, fade: float = 0.0) -> Grey:
    """Draw a line of given width along evenly spaced points.

    Args:
        points: [points, 2], closer together than a pixel.
        width: Full width at half height, pixels.
        size: Side of the image.
        fade: Share of the length over which either end fades out.

    Returns:
        [size, size] coverage, 1 on the line's middle.
    """
    step = float(np.hypot(*(points[1] - points[0])))
    along = np.linspace(0, 1, len(points))
    weight = np.ones(len(points))
    if fade > 0:
        weight = np.clip(np.minimum(along, 1 - along) / fade, 0, 1)
    # A bilinear splat is itself about 0.4 pixels wide.
    sigma = max(width / 2.355, 0.5)
    blur = float(np.sqrt(max(sigma**2 - 0.16, 0.04)))
    density = splat(points, weight * step, size)
    line = ndimage.gaussian_filter(density, blur, truncate=4.0)
    return np.asarray(np.clip(line * (sigma * np.sqrt(2 * np.pi)), 0, 1), dtype=np.float32)
