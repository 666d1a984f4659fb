"""Many items side by side: their order, how many are in flight, and what an error leaves."""

import threading
import time
from contextlib import closing
from operator import length_hint

import pytest

from dagm_transfer.core.parallel import AHEAD, ordered_map

LONG = 20  # seconds; far more than any step here takes


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_results_come_in_the_order_of_the_items(workers, count):
    def late_at_first(item: int) -> int:
        time.sleep(0.01 * (item % 3 == 0))
        return item * item

    assert list(ordered_map(late_at_first, range(count), workers)) == [i * i for i in range(count)]


def test_workers_work_side_by_side():
    met = threading.Barrier(3, timeout=LONG)
    assert sorted(ordered_map(lambda _: met.wait(), range(3), workers=3)) == [0, 1, 2]


def test_no_more_items_are_taken_than_may_be_in_flight():
    items = iter(range(100))
    for returned, _ in enumerate(ordered_map(str, items, workers=2)):
        taken = 100 - length_hint(items)
        assert taken - returned <= AHEAD * 2
    assert taken == 100


def test_an_error_comes_in_its_place_and_what_was_not_begun_never_is():
    begun: list[int] = []

    def fail_at_five(item: int) -> int:
        begun.append(item)
        if item == 5:
            raise LookupError(item)
        time.sleep(0.01)
        return item

    results = ordered_map(fail_at_five, range(1000), workers=2)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(LookupError, match="5"):
        next(results)
    assert len(begun) <= 5 + AHEAD * 2


@pytest.mark.parametrize("taken", [0, 3])
def test_nothing_runs_any_more_once_the_results_are_closed(taken):
    running: set[int] = set()
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        running.add(item)
        time.sleep(0.02)
        running.remove(item)
        return item

    with closing(ordered_map(work, range(1000), workers=2)) as results:
        for _ in range(taken):
            next(results)
    assert not running
    at_the_end = len(begun)
    time.sleep(0.1)
    assert len(begun) == at_the_end <= taken + AHEAD * 2
