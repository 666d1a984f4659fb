"""What Ctrl-C does for a while."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None] | signal.Handlers


@contextmanager
def on_interrupt(handler: Handler) -> Iterator[None]:
    """Another handler for Ctrl-C until this ends."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Keep Ctrl-C until what is given is called, at a moment when nothing is half told.

    A trial that was asked for but is in nobody's hand, or that the study counts but the log does
    not, would be left behind otherwise. A second Ctrl-C does not wait.
    """
    came = False

    def take(number: int, frame: FrameType | None) -> None:
        del number, frame
        nonlocal came
        if came:
            raise KeyboardInterrupt
        came = True

    def let_through() -> None:
        if came:
            raise KeyboardInterrupt

    with on_interrupt(take):
        yield let_through
