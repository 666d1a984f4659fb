"""What stands between two networks on the straight line from the weights of one to the other's."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def loss_barrier(losses: Floats) -> float:
    """How far the loss rises above the chord between its ends, at most.

    0 where it lies on the chord or below it: the two networks share a basin. Two networks that lie
    near each other do so whatever they learned; tell their distance as well.

    Source: the line is that of Neyshabur, Sedghi, Zhang 2020; the height over the chord that of
    Entezari, Sedghi, Saukh, Neyshabur 2022.

    Args:
        losses: [places], any quantity that is worse the larger it is, at evenly spaced places, both
            ends among them.

    Returns:
        The height, in the unit of the losses, at least 0; NaN where one of them is not finite.

    Raises:
        ValueError: there are fewer than two places.

    >>> loss_barrier(np.array([0.0, 2.0, 1.0]))  # the chord stands at 0.5 in the middle
    1.5
    """
    if losses.ndim != 1 or len(losses) < 2:
        raise ValueError(f"{losses.shape}: give losses at two places at least, the ends")
    if not np.isfinite(losses).all():
        return float("nan")
    places = np.linspace(0, 1, len(losses))
    chord = (1 - places) * losses[0] + places * losses[-1]
    # The ends lie on the chord, but not to the last digit.
    return float(max(0.0, (losses - chord)[1:-1].max(initial=0.0)))
