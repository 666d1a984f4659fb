"""Images with the spectrum of others and nothing else of them."""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def phase_scrambled(pixels: Bytes, seed: int) -> Bytes:
    """Each image with its Fourier amplitudes and random phases, the mean kept.

    The phases are those of white noise, so the result is real. What leaves 0 to 255 is cut off.
    An image does not go on over its border, so some of the power is that of the jump there.

    Source: Oppenheim, Lim 1981 (what structure there is lies in the phase).

    Args:
        pixels: [N, H, W].
        seed: of the phases.
    """
    random = np.random.default_rng(seed)
    noise = np.fft.fft2(random.standard_normal(pixels.shape))
    turns = noise / np.abs(noise)
    turns[:, 0, 0] = 1
    scrambled = np.fft.ifft2(np.abs(np.fft.fft2(pixels.astype(np.float64))) * turns).real
    found: Bytes = scrambled.round().clip(0, 255).astype(np.uint8)
    return found
