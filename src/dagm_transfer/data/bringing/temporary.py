"""The temporary folder that zips are unpacked to."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagm_transfer.core.errors import UserError

MIB, GIB = 2**20, 2**30


def size(count: int) -> str:
    """Bytes as people read them.

    >>> size(3 * 2**29), size(5_000_000)
    ('1.5 GiB', '4.8 MiB')
    """
    return f"{count / GIB:,.1f} GiB" if count >= GIB else f"{count / MIB:,.1f} MiB"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder, gone afterwards with all that is in it.

    Raises:
        UserError: there is no place for it.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="dagm-")
    except OSError as error:
        raise UserError(
            f"no temporary folder can be made ({error.strerror}); set TMPDIR to a folder with "
            "free space"
        ) from error
    with made as folder:
        yield Path(folder)


def check_space(needed: int, folder: Path, source: str) -> None:
    """See that what would be unpacked fits.

    Raises:
        UserError: fewer than `needed` bytes are free where the folder lies.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"{source}: unpacking needs {size(needed)}, and {folder.parent} has {size(free)} free; "
            "free space there, or set TMPDIR to a folder on a larger disk"
        )


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """For what writes to the folder.

    Raises:
        UserError: the system refused, most likely because the disk is full.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{folder.parent}: no more can be unpacked there ({error.strerror}); free space, or "
            "set TMPDIR to a folder on a larger disk"
        ) from error
