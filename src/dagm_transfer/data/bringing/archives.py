"""What a zip holds, and its files unpacked; nothing that it says of itself is believed."""

import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.data.bringing.folders import unreadable
from dagm_transfer.data.bringing.litter import is_litter
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.bringing.temporary import size, writing

CHUNK = 2**20  # bytes written at once
LARGE, DENSE = 2**30, 200  # an entry of more bytes that shrank more often is a bomb
METHODS = {
    zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA,
}  # fmt: skip
ENCRYPTED = 0x1 | 0x40  # bits of an entry's flags
UTF8 = 0x800
UNIX = 3  # the system an entry was made on
# What the standard library raises at bytes that are no zip, or no longer one.
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError, OSError,
    MemoryError,  # a window that only a damaged header asks for
)  # fmt: skip


@dataclass(frozen=True)
class Archive:
    """A zip that can be read now."""

    path: Path
    name: PurePosixPath
    """Of the zip in the tree."""
    place: str
    """Where the user finds it, for errors."""

    @property
    def folder(self) -> PurePosixPath:
        """The folder that its content lies in."""
        return self.name.with_suffix("") if is_zip(self.name) else self.name


@dataclass(frozen=True)
class Entry:
    """A file in a zip: its header, and its path there."""

    info: zipfile.ZipInfo
    path: PurePosixPath


class BrokenZip(Exception):  # noqa: N818 - what it is, not that it is an error
    """Bytes that are no zip, or are damaged; says how."""


def is_zip(name: PurePosixPath) -> bool:
    """Whether its name says so."""
    return name.suffix.lower() == ".zip"


def entries(archive: Archive) -> list[Entry]:
    """The files in a zip, litter apart, as its table of contents has them; none is unpacked.

    Raises:
        BrokenZip: it has no table of contents.
        UserError: a name that leads out of it, a symbolic link, or one name twice.
    """
    with _reading(archive), zipfile.ZipFile(archive.path) as content:
        infos = content.infolist()
    found: dict[PurePosixPath, Entry] = {}
    for info in infos:
        name = _name(info).replace("\\", "/")  # of some Windows programs
        path = PurePosixPath(name)
        where = f"{archive.place}/{shown(name)}"
        if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", name) or "\0" in name:
            raise UserError(f"{where}: leads out of the zip; zip the folder anew, or name it")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UserError(f"{where}: a symbolic link; zip what it leads to in its place")
        if name.endswith("/") or is_litter(path):
            continue
        if path in found:
            raise UserError(f"{where}: twice in the zip; zip the folder anew, or name it")
        found[path] = Entry(info, path)
    return list(found.values())


def check_entry(archive: Archive, entry: Entry) -> None:
    """Refuse what cannot be unpacked, or is far larger than it looks.

    Raises:
        UserError: it is encrypted, compressed as no Python reads it, or a bomb.
    """
    info, where = entry.info, f"{archive.place}/{shown(entry.path)}"
    if info.flag_bits & ENCRYPTED:
        raise UserError(f"{where}: encrypted; unpack the zip and name the folder")
    if info.compress_type not in METHODS:
        raise _unknown_compression(where)
    if info.file_size > LARGE and info.file_size > DENSE * info.compress_size:
        raise UserError(
            f"{where}: {size(info.compress_size)} that would unpack to {size(info.file_size)}, "
            "as no image does; leave it out of the zip"
        )


def unpack(
    archive: Archive, wanted: Sequence[Entry], folder: Path
) -> Iterator[tuple[PurePosixPath, Path]]:
    """Write entries to an empty folder, as files named by a counter: paths in the zip and there.

    Never more bytes than an entry's header declares; each is written before it is yielded.

    Raises:
        BrokenZip: an entry does not hold what its header and checksum say.
        UserError: the folder cannot take them.
    """
    with _reading(archive):
        content = zipfile.ZipFile(archive.path)
    with content:
        for number, entry in enumerate(wanted):
            target = folder / str(number)
            with writing(folder), target.open("xb") as out:
                for chunk in _chunks(archive, content, entry):
                    out.write(chunk)
            if target.stat().st_size != entry.info.file_size:
                raise BrokenZip(f"{shown(entry.path)} is shorter than it says")
            yield entry.path, target


@contextmanager
def _reading(archive: Archive) -> Iterator[None]:
    """Tells what is broken from what may not be read, and from what Python cannot read."""
    try:
        yield
    except PermissionError as error:
        raise unreadable(archive.path, error) from error
    except BROKEN as error:
        raise BrokenZip(shown(reason(error))) from error
    except RuntimeError as error:  # NotImplementedError is one
        raise _unknown_compression(archive.place) from error


def _chunks(archive: Archive, content: zipfile.ZipFile, entry: Entry) -> Iterator[bytes]:
    with _reading(archive), content.open(entry.info) as member:
        while chunk := member.read(CHUNK):
            yield chunk


def _unknown_compression(where: str) -> UserError:
    return UserError(f"{where}: cannot be read: zip it anew with ordinary (Deflate) compression")


def _name(info: zipfile.ZipInfo) -> str:
    """An entry's name; `zipfile` takes every one that does not say UTF-8 for a DOS name.

    Unix programs store the bytes of the file system, macOS' own UTF-8 without saying so.
    """
    if info.flag_bits & UTF8:
        return info.orig_filename
    stored = info.orig_filename.encode("cp437")
    try:
        return stored.decode()
    except UnicodeDecodeError:
        on_unix = info.create_system == UNIX
        return os.fsdecode(stored) if on_unix else info.orig_filename
