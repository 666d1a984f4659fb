"""Whether training selects among a network's channels or makes new ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChannelMatch:
    """Each live channel after training, and its best correlate among those before.

    Attributes:
        own: share of the live channels whose best correlate is the channel in their own place.
        correlation: median correlation with the best correlate.
        floor: the same with the images before training shuffled inside their labels: what any two
            networks have that tell the labels apart.
        live: channels that vary after training.
    """

    own: float
    correlation: float
    floor: float
    live: int


def channel_match(
    initial_responses: Floats,
    final_responses: Floats,
    labels: NDArray[np.int64],
    seed: int = 0,
) -> ChannelMatch:
    """Match each live channel's responses to the initial channels' by correlation over inputs.

    Channels that do not vary have no correlation and are left out on both sides; shares are NaN
    where none are left.

    Args:
        initial_responses: [N, C], pooled, before training; one input an image.
        final_responses: [N, C], of the same inputs, after it.
        labels: [N].
        seed: of the shuffled floor.

    Raises:
        ValueError: the shapes differ.

    >>> before = np.random.default_rng(0).random((50, 6))
    >>> match = channel_match(before, 2 * before, np.zeros(50, dtype=int))
    >>> match.own, round(match.correlation, 6), match.live
    (1.0, 1.0, 6)
    """
    if initial_responses.shape != final_responses.shape:
        raise ValueError(f"shapes differ: {initial_responses.shape} and {final_responses.shape}")
    before, places = _standardised(initial_responses)
    after, live = _standardised(final_responses)
    if not len(places) or not len(live):
        return ChannelMatch(float("nan"), float("nan"), float("nan"), len(live))
    correlations = after.T @ before
    best = places[correlations.argmax(axis=1)]
    shuffled = before[_inside_labels(labels, seed)]
    return ChannelMatch(
        own=float((best == live).mean()),
        correlation=float(np.median(correlations.max(axis=1))),
        floor=float(np.median((after.T @ shuffled).max(axis=1))),
        live=len(live),
    )


def _inside_labels(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Rows in another order, each one's label in its place."""
    random, rows = np.random.default_rng(seed), np.arange(len(labels))
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        rows[own] = random.permutation(own)
    return rows


def _standardised(responses: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The channels that vary, centred and of length 1, and their places."""
    centred = responses - responses.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    # Rounding leaves a trace of variance in channels that are constant.
    vary = np.flatnonzero(lengths > 1e-9 * np.abs(responses).max(axis=0, initial=0.0))
    return centred[:, vary] / lengths[vary], vary
