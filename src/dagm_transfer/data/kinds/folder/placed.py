"""What the folders above an image file say, before its class is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from dagm_transfer.data.bringing.tree import IMAGE_SUFFIXES, File
from dagm_transfer.data.kinds.folder.names import (
    HALF_NAMES,
    IMAGE_FOLDERS,
    MASK_FOLDERS,
    key,
)
from dagm_transfer.data.record import Half


@dataclass(frozen=True)
class Placed:
    """An image file, and where it lies once folders of halves, masks and images are taken away.

    Attributes:
        file: the file.
        folders: those that remain below the source: group and class, and what lies between and
            below.
        half: that of a folder train, test or the like; None without one.
        half_folder: what that folder is called, as it is compared; empty without one.
        among_masks: whether a folder above it is one of masks.
    """

    file: File
    folders: tuple[str, ...]
    half: Half | None
    half_folder: str
    among_masks: bool

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The folders, as they are compared."""
        return tuple(key(folder) for folder in self.folders)


def is_image(file: File) -> bool:
    """Whether a file is called as images are."""
    return file.name.suffix.lower() in IMAGE_SUFFIXES


def place(files: Iterable[File]) -> list[Placed]:
    """The image files among `files`."""
    images = [file for file in files if is_image(file)]
    placed = [_placed(file, MASK_FOLDERS) for file in images]
    if all(found.among_masks for found in placed):
        # There is nothing that they could be masks of: the name is that of a product, say.
        return [_placed(file, frozenset()) for file in images]
    return placed


def _placed(file: File, mask_folders: frozenset[str]) -> Placed:
    folders: list[str] = []
    half_folder = ""
    among_masks = False
    for folder in file.name.parent.parts[1:]:  # the first is the source
        name = key(folder)
        if name in mask_folders:
            among_masks = True
        elif name in HALF_NAMES:
            half_folder = name
        elif name not in IMAGE_FOLDERS:
            folders.append(folder)
    return Placed(file, tuple(folders), HALF_NAMES.get(half_folder), half_folder, among_masks)
