"""One command at a time where two would write over each other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from dagm_transfer.core.errors import UserError


@contextmanager
def alone(lock: Path, what: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock; wait, and say so, while another process does.

    Args:
        lock: the file that is held.
        what: the other process is at, in words.
        say: told that it is waited for.

    Raises:
        UserError: the lock's folder cannot be written to.
    """
    held = FileLock(lock)
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            held.acquire(timeout=0)
        except Timeout:
            say(f"waiting for another {what} to end")
            held.acquire()
    except OSError as error:
        raise UserError(
            f"{error.filename or lock}: {error.strerror}; give yourself the right to write there"
        ) from error
    try:
        yield
    finally:
        held.release()
