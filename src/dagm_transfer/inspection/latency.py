"""How long calls take beside each other on this machine."""

import statistics
import time
from collections.abc import Callable, Mapping


def seconds_in_turn(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each call; they take turns, so that other load strikes them alike.

    Args:
        calls: by name; each is made once before it is timed.
        rounds: how often each is timed.
    """
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in times.items()}
