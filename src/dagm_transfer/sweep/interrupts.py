"""Ctrl-C waits for a moment at which nothing is half told; a second one does not."""

import signal
from types import FrameType, TracebackType
from typing import Self


class Interrupts:
    """Between its beginning and its end Ctrl-C is kept until somebody asks after it.

    A trial that was asked for but is in nobody's hand, or that the study counts but the log does
    not, would be left behind otherwise.
    """

    def __init__(self) -> None:
        self._came = False

    def __enter__(self) -> Self:
        """Begin."""
        self._before = signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        signal.signal(signal.SIGINT, self._before)

    def let_through(self) -> None:
        """Nothing is half told now.

        Raises:
            KeyboardInterrupt: Ctrl-C came.
        """
        if self._came:
            raise KeyboardInterrupt

    def _take(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._came:
            raise KeyboardInterrupt
        self._came = True
