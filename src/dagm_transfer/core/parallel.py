"""The same work on many items: side by side, in order, and never far ahead of who takes it."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4  # items in flight for each worker: enough that none waits for a slow one before it


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Generator[Result, None, None]:
    """What `function` makes of each item, in the order of the items.

    Threads, not processes: decoding an image, hashing and resizing let go of the interpreter.
    At most `AHEAD * workers` items are begun or done and not yet taken, so results of many items
    need the memory of few. An item's error is raised in its place. After it, or when the results
    are closed, no further item is begun, and nothing runs any more.

    Args:
        function: called in several threads at once.
        items: taken one by one, in the caller's thread.
        workers: threads.

    >>> list(ordered_map(abs, [-1, 2, -3], workers=2))
    [1, 2, 3]
    """
    pool = ThreadPoolExecutor(workers)
    flying: deque[Future[Result]] = deque()
    try:
        for item in items:
            flying.append(pool.submit(function, item))
            if len(flying) == AHEAD * workers:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
