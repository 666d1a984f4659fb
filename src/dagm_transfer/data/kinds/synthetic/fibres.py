"""Texture 2: fine, bright and dark fibres, nearly vertical."""

import numpy as np

from dagm_transfer.data.kinds.synthetic.noise import Grey, frequencies, shaped_noise, toned


def fibres(rng: np.random.Generator, size: int, defect: Grey) -> Grey:
    """Draw the fibres; a defect is a dark line through them.

    White noise smeared along a few directions at once, done in the frequency domain: along a
    fibre only slow changes are left, across it all of them, so that a fibre is one pixel
    wide. Length and mean tilt differ from image to image, the spread of tilts does not.

    Args:
        rng: Source of chance.
        size: Side of the image.
        defect: Coverage of the defect, [size, size].

    Returns:
        Grey levels, [size, size].
    """
    horizontal, vertical = frequencies(size)
    tilt = rng.uniform(-0.2, 0.2)
    length = rng.uniform(7.0, 16.0)
    power = np.zeros((size, size // 2 + 1), dtype=np.float32)
    for offset in (-0.05, -0.025, 0.0, 0.025, 0.05):
        slope = tilt + offset
        along = vertical * np.float32(np.cos(slope)) + horizontal * np.float32(np.sin(slope))
        power += np.exp(-((2 * np.pi * length * along) ** 2))
    power /= power.mean()
    values = shaped_noise(rng, np.sqrt(power), size)

    dark = rng.uniform(-1.0, 1.0)
    curve = [
        (-3.0, 0.0),
        (-2.33, 8 + 5 * dark),
        (-1.64, 21 + 7 * dark),
        (-0.67, 55 + 11 * dark),
        (0.0, 93 + 12 * dark),
        (0.67, 141 + 10 * dark),
        (1.64, 205 + 5 * dark),
        (2.33, 233 + 3 * dark),
        (3.2, 255.0),
    ]
    return np.asarray(toned(values, curve) * (1 - 0.9 * defect), dtype=np.float32)
