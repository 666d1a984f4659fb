"""Progress counted over several pieces of work."""

from collections.abc import Callable


class Counted:
    """Counts what is done of a total.

    Args:
        on_done: told how much is done, of how much.
        total: of all pieces together.
    """

    def __init__(self, on_done: Callable[[int, int], None], total: int):
        self._on_done, self._total, self._done = on_done, total, 0

    def add(self) -> None:
        """One more is done."""
        self._done += 1
        self._on_done(self._done, self._total)
