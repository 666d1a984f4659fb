"""What lies at a path: a flat list of files that can be read now, whatever they came in."""

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.archives import (
    Archive,
    BrokenZip,
    Entry,
    check_entry,
    entries,
    is_zip,
    unpack,
)
from dagm_transfer.data.bringing.folders import check_readable, unreadable, walk
from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.temporary import check_space, temporary_folder, writing

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"})
KEPT = IMAGE_SUFFIXES | {".txt", ".csv"}
DEEPEST = 5  # zips within one another

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class File:
    """A file that an import may want."""

    name: PurePosixPath
    """The source's own name first, zips being folders of their stem."""
    origin: Path
    """Where its bytes can be read while the tree is open."""


@dataclass(frozen=True)
class Tree:
    """Images and labels at a path."""

    source: Path
    files: tuple[File, ...]
    """Sorted by name; two may have one name, as a folder beside a zip of it."""
    notes: tuple[Note, ...]


@contextmanager
def open_tree(source: Path, on_file: Progress) -> Iterator[Tree]:
    """The images and labels in a folder or zip, and in the zips there, for the time of a `with`.

    `on_file` is told how many files are unpacked, and of how many; there may be more zips in
    those.

    Raises:
        UserError: the source is absent, or no folder and no zip, or something in it cannot or must
            not be read.
    """
    found = _look(source)
    if found.archives:
        with temporary_folder() as folder:
            _unpack(found, source, folder, on_file)
            yield _tree(source, found)
    else:
        yield _tree(source, found)


@dataclass
class _Found:
    """What was found so far; `archives` are still to be opened."""

    files: list[File] = field(default_factory=list)
    archives: list[Archive] = field(default_factory=list)
    left_out: list[PurePosixPath] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def add(self, name: PurePosixPath, origin: Path, place: str) -> None:
        """Sort a file in by its name."""
        if is_zip(name):
            self.archives.append(Archive(origin, name, place))
        elif _is_kept(name):
            self.files.append(File(name, origin))
        else:
            self.left_out.append(name)


def _is_kept(name: PurePosixPath) -> bool:
    return name.suffix.lower() in KEPT


def _look(source: Path) -> _Found:
    """What lies at the source itself, zips not opened."""
    try:
        mode = source.stat().st_mode
        name = PurePosixPath(source.resolve().name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError(f"{shown(source)}: not found; name a folder or a zip of images") from error
    except OSError as error:
        raise unreadable(source, error) from error
    found = _Found()
    if stat.S_ISREG(mode):
        found.archives.append(Archive(source, name, shown(source)))
        return found
    if not stat.S_ISDIR(mode):
        raise UserError(f"{shown(source)}: neither a folder nor a zip; name one that holds images")
    walked = walk(source, name)
    for met, path in walked.files:
        found.add(met, path, shown(path))
    for file in found.files:
        check_readable(file.origin)
    found.left_out += walked.others
    found.notes += _left_out("link", "to nowhere", walked.nowhere)
    found.notes += _left_out("folder", "reached once more by a link", walked.again)
    return found


@dataclass(frozen=True)
class _Content:
    """What a zip holds, by its table of contents."""

    archive: Archive
    wanted: list[Entry]
    left_out: list[PurePosixPath]


def _unpack(found: _Found, source: Path, folder: Path, on_file: Progress) -> None:
    """Open the zips that were found, those within them, and so on; `found` gets what they hold.

    All zips at one depth are looked at before the first of them is unpacked: what is refused is
    refused at once.
    """
    done = total = 0
    for depth in range(DEEPEST):
        contents: list[_Content] = []
        for archive in sorted(found.archives, key=lambda archive: archive.name):
            with _passing_over(archive, source, found.notes):
                contents.append(_content(archive))
        found.archives = []
        every = [entry for content in contents for entry in content.wanted]
        check_space(sum(entry.info.file_size for entry in every), folder, shown(source))
        total += len(every)
        for number, content in enumerate(contents):
            archive, inside = content.archive, folder / f"{depth}-{number}"
            with writing(folder):
                inside.mkdir()
            with _passing_over(archive, source, found.notes):
                unpacked = []
                for pair in unpack(archive, content.wanted, inside):
                    unpacked.append(pair)
                    on_file(done + len(unpacked), total)
                for path, origin in unpacked:
                    found.add(archive.folder / path, origin, f"{archive.place}/{shown(path)}")
                found.left_out += content.left_out
            done += len(content.wanted)
    if found.archives:
        raise UserError(
            f"{found.archives[0].place}: a zip within {DEEPEST} others; unpack the outermost and "
            "name its folder"
        )


def _content(archive: Archive) -> _Content:
    wanted, left_out = [], []
    for entry in entries(archive):
        if _is_kept(entry.path) or is_zip(entry.path):
            check_entry(archive, entry)
            wanted.append(entry)
        else:
            left_out.append(archive.folder / entry.path)
    return _Content(archive, wanted, left_out)


@contextmanager
def _passing_over(archive: Archive, source: Path, notes: list[Note]) -> Iterator[None]:
    """Makes a warning of a broken zip, or an error where it is the source itself."""
    try:
        yield
    except BrokenZip as error:
        if archive.path == source and not is_zip(PurePosixPath(source.name)):
            raise UserError(
                f"{archive.place}: neither a folder nor a zip; name the folder that it lies in"
            ) from error
        if archive.path == source:
            raise UserError(
                f"{archive.place}: not a whole zip file ({error}); bring it again, or name a "
                "folder or a zip"
            ) from error
        text = f"{shown(archive.name)} is not a whole zip file ({error}) and was passed over"
        notes.append(Note("warning", text))


def _tree(source: Path, found: _Found) -> Tree:
    others = _left_out("file", "neither image nor label", found.left_out)
    files = sorted(found.files, key=lambda file: file.name)
    return Tree(source, tuple(files), (*found.notes, *others))


def _left_out(noun: str, what: str, names: list[PurePosixPath]) -> list[Note]:
    return [Note("left out", listed(noun, what, sorted(names)))] if names else []
