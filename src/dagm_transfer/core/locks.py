"""Whose a run or a trial is, and whether that process still lives: it does while it holds a lock.

A number would not do: the next process can have it, and containers have numbers of their own.
"""

import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

HOST, LOCK = "process.host", "process.lock"


@contextmanager
def alive(folder: Path, name: str) -> Iterator[Path]:
    """A new lock in the folder, held until this ends or the process does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / f"{name}-{uuid.uuid4().hex[:8]}.lock"
    with FileLock(lock):
        try:
            yield lock
        finally:
            lock.unlink(missing_ok=True)


def owner(lock: Path) -> dict[str, str]:
    """This machine and the lock that this process holds, as others may ask after it."""
    return {HOST: socket.gethostname(), LOCK: str(lock.resolve())}


def is_gone(owned: Mapping[str, str]) -> bool:
    """Whether what `owner` told is of a process of this machine that ended.

    One on another machine, or that is not named at all, is not known to be gone.
    """
    if owned.get(HOST) != socket.gethostname() or LOCK not in owned:
        return False
    lock = Path(owned[LOCK])
    if not lock.parent.exists():
        return False  # in a container of its own: what it holds cannot be seen from here
    if not lock.exists():
        return True
    try:
        with FileLock(lock, timeout=0):
            return True
    except Timeout:
        return False
