"""How long calls take beside each other on this machine."""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from dagm_transfer.judging.windows import BATCH, Logits

ROUNDS = 20


def seconds_in_turn(
    calls: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, list[float]]:
    """The seconds of each call in each round; they take turns, so that other load strikes alike.

    Args:
        calls: by name; each is made once before it is timed.
        rounds: how often each is timed.
    """
    for call in calls.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def window_milliseconds(logits: Logits, size: int) -> dict[str, float]:
    """Milliseconds a window of [size, size] pixels: `alone`, and `together` with 31 others.

    Each is the median of 20 rounds, after one that is not counted.
    """
    random = np.random.default_rng(0)
    counts = {"alone": 1, "together": BATCH}
    pixels = {
        name: random.integers(0, 256, (count, size, size), dtype=np.uint8)
        for name, count in counts.items()
    }
    calls = {name: partial(logits, each) for name, each in pixels.items()}
    return {
        name: round(1000 * statistics.median(seconds) / counts[name], 4)
        for name, seconds in seconds_in_turn(calls, ROUNDS).items()
    }
