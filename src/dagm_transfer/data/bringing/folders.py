"""What lies below a folder, links followed."""

import errno
import stat
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.litter import is_litter
from dagm_transfer.data.bringing.notes import shown

Named = tuple[PurePosixPath, Path]


@dataclass(frozen=True)
class Walk:
    """What was met below a folder, litter apart; files are not opened."""

    files: list[Named] = field(default_factory=list)
    others: list[PurePosixPath] = field(default_factory=list)
    """Pipes, sockets, devices."""
    nowhere: list[PurePosixPath] = field(default_factory=list)
    """Links that point nowhere."""
    again: list[PurePosixPath] = field(default_factory=list)
    """Folders that links lead to a second time, or back to from below."""


def walk(folder: Path, name: PurePosixPath) -> Walk:
    """Everything below a folder; names begin with `name`.

    A folder is read once. Links are followed last, so that what lies there itself keeps its own
    name, in whatever order the names stand.

    Raises:
        UserError: a folder may not be read.
    """
    found = Walk()
    seen: set[tuple[int, int]] = set()
    folders, links = deque([(name, folder)]), deque[Named]()
    while folders or links:
        name, folder = (folders or links).popleft()
        inode = _inode(folder)
        if inode in seen:
            found.again.append(name)
            continue
        seen.add(inode)
        for path in _listed(folder):
            met = name / path.name
            mode = _mode(path)
            if stat.S_ISDIR(mode) and not path.is_symlink():
                folders.append((met, path))
            elif stat.S_ISDIR(mode) and _leads_back(path):
                found.again.append(met)
            elif stat.S_ISDIR(mode):
                links.append((met, path))
            elif stat.S_ISREG(mode):
                found.files.append((met, path))
            else:
                (found.others if mode else found.nowhere).append(met)
    return found


def check_readable(path: Path) -> None:
    """Open a file and close it again.

    Raises:
        UserError: it may not, or cannot, be read.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> UserError:
    """What to say of a file or folder that is there and does not open."""
    return UserError(
        f"{shown(path)}: cannot be read ({error.strerror}); give yourself the right to read it, "
        "or move it out of the way"
    )


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not is_litter(Path(path.name)))
    except OSError as error:
        raise unreadable(folder, error) from error


def _inode(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _leads_back(link: Path) -> bool:
    """Whether it leads to a folder that it lies in."""
    return link.parent.resolve().is_relative_to(link.resolve())


def _mode(path: Path) -> int:
    """The mode of what a path leads to; 0 where it is a link to nowhere."""
    try:
        return path.stat().st_mode
    except OSError as error:
        if path.is_symlink() and error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            return 0
        raise unreadable(path, error) from error
