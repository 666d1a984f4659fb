"""Texture 1: a dark, pixel-fine interference pattern, mirrored about a random centre."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dagm_transfer.data.kinds.synthetic.noise import Grey, smooth_line


def _chirp(
    rng: np.random.Generator, distance: NDArray[np.float32], start: float, rate: float
) -> NDArray[np.complex64]:
    """A wave whose frequency changes with the distance, wobbling a little."""
    wobble = rng.uniform(0, 6) * np.cos(distance / rng.uniform(25, 120) + rng.uniform(0, 6.3))
    phase = start * distance + rate / 2 * distance**2 + wobble
    return np.asarray(np.exp(1j * phase), dtype=np.complex64)


def moire(rng: np.random.Generator, size: int, defect: Grey) -> Grey:
    """Draw the pattern; inside a defect the dots are blurred to the local mean.

    The light of a few crossed waves: each is a product of a chirp in the distance from the
    centre along x and one along y, drawn together with its transpose, so that the image is
    alike under both mirrors and nearly so under exchange of x and y. Their modulus has the
    skewed, Rayleigh-like grey levels; frequencies beyond the pixel grid fold back and make
    the rings and diamonds.

    Args:
        rng: Source of chance.
        size: Side of the image.
        defect: Coverage of the defect, [size, size].

    Returns:
        Grey levels, [size, size].
    """
    centre = rng.uniform(0.1, 0.9, 2) * size
    x, y = (np.abs(np.arange(size) - round(float(c))).astype(np.float32) for c in centre)
    bandwidth = rng.uniform(1.5, 3.0)
    rates = bandwidth * rng.uniform(0.15, 1.0, 2) / 256
    pairs = int(rng.integers(5, 10))
    field = np.zeros((size, size), dtype=np.complex64)
    for _ in range(pairs):
        state = rng.bit_generator.state
        waves = []
        for first, second in ((x, y), (y, x)):
            # The transpose repeats the very same draws.
            rng.bit_generator.state = state
            starts = rng.uniform(-bandwidth, bandwidth, 2)
            signs = rng.choice([-1.0, 1.0], 2) * rng.uniform(0.9, 1.1, 2)
            rate = rng.choice(rates, 2) * signs
            weight = rng.uniform(0.5, 1.0) * np.exp(2j * np.pi * rng.random())
            one = _chirp(rng, first, starts[0], rate[0])
            other = _chirp(rng, second, starts[1], rate[1])
            waves.append((one * np.complex64(weight), other))
        # Outer products one by one, no matrix product: its sums would depend on the BLAS.
        field += waves[0][1][:, None] * waves[0][0][None, :]
        field += waves[1][0][:, None] * waves[1][1][None, :]
    light = np.abs(field)
    light /= np.sqrt(np.mean(light**2))

    contrast = rng.uniform(0.6, 0.92)
    grey = rng.uniform(64, 76) * _brightness(rng, x, y, size)
    pattern = grey * (1 + contrast * (light * np.float32(1.13) - 1))
    flat = ndimage.gaussian_filter(pattern, 6.0, truncate=2.5)
    return np.asarray(pattern + defect * (flat - pattern), dtype=np.float32)


def _brightness(
    rng: np.random.Generator, x: NDArray[np.float32], y: NDArray[np.float32], size: int
) -> Grey:
    """Slow, mirrored changes of brightness, with brighter fans towards far borders."""
    far = np.hypot(x[None, :], y[:, None])
    rings = smooth_line(rng, 2 * size, size / rng.uniform(12, 40))[far.astype(np.int64)]
    cross = smooth_line(rng, 2 * size, size / 20)[np.abs(x[None, :] - y[:, None]).astype(np.int64)]
    waves = rng.uniform(0, 0.1) * rings + rng.uniform(0, 0.1) * cross
    fans = rng.uniform(0, 1.6) * np.clip(far / size - 0.5, 0, None) ** 2 * (1 + 0.5 * rings)
    return np.asarray(1 + waves + fans, dtype=np.float32)
