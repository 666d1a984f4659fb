"""How long calls take beside each other on this machine."""

import time
from collections.abc import Callable, Mapping


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
