"""Image files to be judged, from what was typed: files, folders and patterns."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.data.bringing.folders import Walk, unreadable, walk
from dagm_transfer.data.bringing.litter import is_litter
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.bringing.tree import IMAGE_SUFFIXES
from dagm_transfer.data.natural import natural
from dagm_transfer.data.pixels.images import Picture, read_picture
from dagm_transfer.inspection.paths import HEAT_MAP

WILD = frozenset("*?[")
NO_IMAGE = "a folder without images, not an image file"


@dataclass(frozen=True)
class ImageFile:
    """A file to be judged.

    Attributes:
        path: where it is read, in the words of whoever named it.
        place: without a link or `..` above its name, so that no two spellings of it differ.
        fault: why it is no image that could be read; None where that is still to be seen.
    """

    path: Path
    place: Path
    fault: str | None = None


def image_files(named: Sequence[str]) -> list[ImageFile]:
    """Every image that is named, once, in the order that people count in.

    In folders, images are what has the suffix of one; links are followed, and each folder is read
    once. Hidden files, what file managers leave, and heat maps of an earlier call are passed over.
    A pattern (`*`, `?`, `[..]`, `**` for folders below) means what a shell would make of it. What
    is named itself is taken whatever its suffix.

    Raises:
        UserError: nothing lies at a name, a folder may not be read, or there is no image.
    """
    found: dict[Path, ImageFile] = {}
    for name in named:
        for path, fault in _meant(name):
            place = Path(os.path.realpath(path.parent)) / path.name
            found.setdefault(place, ImageFile(path, place, fault))
    if not found:
        suffixes = ", ".join(sorted(IMAGE_SUFFIXES))
        raise UserError(f"{', '.join(map(shown, named))}: no image there ({suffixes})")
    return sorted(found.values(), key=lambda file: natural(str(file.path)))


def read_image(file: ImageFile) -> Picture:
    """An image as it is stored.

    Raises:
        UserError: why it cannot be read, without the name of the file.
    """
    if file.fault is not None:
        raise UserError(file.fault)
    try:
        return read_picture(file.path)
    except UserError as met:
        raise UserError(shown(str(met).removeprefix(f"{file.path}: "))) from met
    except Exception as met:  # a decoder stumbles over one file of thousands
        raise UserError(shown(f"not a readable image ({reason(met)})")) from met


def _meant(name: str) -> Iterator[tuple[Path, str | None]]:
    if not name:
        raise UserError("one of the names is empty; name image files or folders")
    path = Path(name)
    if os.path.lexists(path) or not WILD & set(name):
        yield from _at(path)
        return
    anchor, rest = Path(path.anchor), str(path.relative_to(path.anchor))
    try:
        matched = [met for met in anchor.glob(rest) if _is_wanted(met, path)]
    except ValueError as error:
        raise UserError(f"{shown(name)}: not a pattern ({error})") from error
    if not matched:
        raise UserError(f"{shown(name)}: no file has such a name")
    for met in matched:
        yield from _at(met)


def _is_wanted(met: Path, pattern: Path) -> bool:
    """Whether a pattern means a file: no litter, unless the pattern itself names it."""
    new = [part for part in met.parts if part not in pattern.parts]
    return not is_litter(PurePosixPath(*new)) and not met.name.endswith(HEAT_MAP)


def _at(path: Path) -> Iterator[tuple[Path, str | None]]:
    """What a path stands for: itself, or the images below it."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            yield path, "a link to nowhere"
            return
        raise UserError(f"{shown(path)}: not found; name image files or folders") from error
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        yield from _below(path)
    else:
        yield path, None if stat.S_ISREG(mode) else "neither a file nor a folder"


def _below(folder: Path) -> Iterator[tuple[Path, str | None]]:
    met = walk(folder, PurePosixPath("."))
    images = [path for _, path in met.files if _is_image(path.name)]
    yield from ((path, None) for path in images)
    yield from ((folder / name, fault) for name, fault in _no_files(met) if _is_image(name.name))
    holding = {above for path in images for above in path.parents}
    for path in (folder, *_folders(folder)):
        if _is_image(path.name) and path not in holding:
            yield path, NO_IMAGE


def _no_files(met: Walk) -> Iterator[tuple[PurePosixPath, str]]:
    yield from ((name, "a link to nowhere") for name in met.nowhere)
    yield from ((name, "neither a file nor a folder") for name in met.others)


def _folders(folder: Path) -> Iterator[Path]:
    for at, names, _ in os.walk(folder):
        names[:] = [name for name in names if not is_litter(PurePosixPath(name))]
        yield from (Path(at) / name for name in names)


def _is_image(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES and not name.endswith(HEAT_MAP)
