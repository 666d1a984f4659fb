"""How long a network takes for a window, in ONNX Runtime as it is handed on."""

import statistics
import time

import numpy as np

from dagm_transfer.judging.windows import Logits

ROUNDS = 20
TOGETHER = 32  # windows, as images are judged


def window_milliseconds(logits: Logits, size: int) -> dict[str, float]:
    """Milliseconds a window of [size, size] pixels: `alone`, and `together` with 31 others.

    Each is the median of 20 rounds, after one that is not counted.
    """
    random = np.random.default_rng(0)
    found: dict[str, float] = {}
    for name, count in (("alone", 1), ("together", TOGETHER)):
        pixels = random.integers(0, 256, (count, size, size), dtype=np.uint8)
        logits(pixels)
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            logits(pixels)
            took.append((time.perf_counter() - began) / count)
        found[name] = round(1000 * statistics.median(took), 4)
    return found
