"""What a file is in DAGM's release, by its name alone."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.record import Half

Part = Half | Literal["normal", "defective"]
HALF_FOLDERS: dict[str, Half] = {"train": "Train", "test": "Test"}
OLDER: tuple[Part, ...] = ("normal", "defective")
TEXTURES = range(1, 11)
CLASS_FOLDER = re.compile(r"class([0-9]{1,4})(_def)?", re.IGNORECASE)
# A tree holds images, and labels as .txt and .csv.
IMAGE = re.compile(r"([0-9]{1,9})\.(?!txt$|csv$)[a-z0-9]+", re.IGNORECASE)
MASK = re.compile(r"([0-9]{1,9})_label\.(?!txt$|csv$)[a-z0-9]+", re.IGNORECASE)
ELLIPSES = re.compile(r"def_([0-9]{1,4})\.csv", re.IGNORECASE)
LABELS = "labels.txt"


@dataclass(frozen=True)
class ClassFolder:
    """A folder that says which texture it holds.

    Attributes:
        path: below the source.
        texture: its number, of DAGM's or not.
        defective: whether it is a `ClassN_def` of the older layout.
    """

    path: PurePosixPath
    texture: int
    defective: bool


@dataclass(frozen=True)
class Place:
    """What a file is in the release; there is one file for it.

    Attributes:
        texture: its number.
        part: a half of the official layout, or the normal or defective images of the older one.
        role: `table` is a `def_N.csv`, `labels` either layout's `labels.txt`.
        number: of the image, 0 for labels.
    """

    texture: int
    part: Part
    role: Literal["image", "mask", "labels", "table"]
    number: int = 0


@dataclass(frozen=True)
class Sorted:
    """The files of a tree by what they are.

    Attributes:
        placed: the files of each place, those that lie less deep first.
        foreign: files of classes that DAGM has not.
        unplaced: official folders of which it cannot be told what they are; and what to ask.
    """

    placed: Mapping[Place, list[File]]
    foreign: Mapping[ClassFolder, list[File]]
    unplaced: Mapping[PurePosixPath, str]


@dataclass
class PartFiles:
    """The files of one part of a texture; images and masks by their number."""

    images: dict[int, File] = field(default_factory=dict)
    masks: dict[int, File] = field(default_factory=dict)
    labels: File | None = None
    table: File | None = None


def sort(files: Iterable[File]) -> Sorted:
    """What each file is; one that is nothing of the release stands in none of the lists."""
    # Of two copies, the one that lies less deep is taken.
    files = sorted(files, key=lambda file: (len(file.name.parts), file.name))
    placed: dict[Place, list[File]] = defaultdict(list)
    foreign: dict[ClassFolder, list[File]] = defaultdict(list)
    unplaced: dict[PurePosixPath, str] = {}
    defective = {home for file in files if (home := class_folder(file.name)) and home.defective}
    for file in files:
        home = class_folder(file.name)
        if home and home.texture not in TEXTURES:
            foreign[home].append(file)
        elif place := _in_class(file.name, home) if home else _beside(file.name, defective):
            placed[place].append(file)
        elif question := _question(file.name, home):
            unplaced[file.name.parent.parent] = question
    return Sorted(placed, foreign, unplaced)


def parts_of(files: Mapping[Place, File]) -> dict[Part, PartFiles]:
    """What there is of one texture, by part; a part that there is nothing of is empty."""
    parts: dict[Part, PartFiles] = defaultdict(PartFiles)
    for place, file in sorted(files.items(), key=lambda item: item[0].number):
        part = parts[place.part]
        if place.role == "image":
            part.images[place.number] = file
        elif place.role == "mask":
            part.masks[place.number] = file
        elif place.role == "labels":
            part.labels = file
        else:
            part.table = file
    return parts


def class_folder(name: PurePosixPath) -> ClassFolder | None:
    """The innermost class folder that a file lies in: `Class1/Class1` is one.

    >>> class_folder(PurePosixPath("dagm/class1/Class1/Train/0001.PNG"))
    ClassFolder(path=PurePosixPath('dagm/class1/Class1'), texture=1, defective=False)
    """
    for folder in name.parents:
        if match := CLASS_FOLDER.fullmatch(folder.name):
            return ClassFolder(folder, int(match[1]), match[2] is not None)
    return None


def home_of(name: PurePosixPath) -> PurePosixPath:
    """The class folder of a file, else the folder that it lies in."""
    home = class_folder(name)
    return home.path if home else name.parent


def _in_class(name: PurePosixPath, home: ClassFolder) -> Place | None:
    inside = [part.lower() for part in name.relative_to(home.path).parts[:-1]]
    image, mask = IMAGE.fullmatch(name.name), MASK.fullmatch(name.name)
    is_labels = name.name.lower() == LABELS
    texture = home.texture
    if not inside:
        if image:
            part: Part = "defective" if home.defective else "normal"
            return Place(texture, part, "image", int(image[1]))
        return Place(texture, "defective", "labels") if is_labels else _table(name)
    half = HALF_FOLDERS.get(inside[0])
    if half is None or home.defective:
        return None
    if inside[1:] == [] and image:
        return Place(texture, half, "image", int(image[1]))
    if inside[1:] == ["label"] and mask:
        return Place(texture, half, "mask", int(mask[1]))
    return Place(texture, half, "labels") if inside[1:] == ["label"] and is_labels else None


def _beside(name: PurePosixPath, defective: Iterable[ClassFolder]) -> Place | None:
    """Labels of the older layout beside the class folders."""
    if name.name.lower() != LABELS:
        return _table(name)
    textures = {home.texture for home in defective if home.path.parent == name.parent}
    return Place(textures.pop(), "defective", "labels") if len(textures) == 1 else None


def _table(name: PurePosixPath) -> Place | None:
    match = ELLIPSES.fullmatch(name.name)
    if match is None or int(match[1]) not in TEXTURES:
        return None
    return Place(int(match[1]), "defective", "table")


def _question(name: PurePosixPath, home: ClassFolder | None) -> str | None:
    """What is not known of the folder whose `Label` holds this file; None for other files."""
    if name.parent.name.lower() != "label":
        return None
    half = name.parent.parent
    if home is None and half.name.lower() in HALF_FOLDERS and name.name.lower() == LABELS:
        return "which texture is it? put it into a folder ClassN"
    # Read as of the older layout, all its images would be normal.
    if home and half == home.path and (MASK.fullmatch(name.name) or name.name.lower() == LABELS):
        return "which half is it? put its images and labels into a folder Train or Test"
    return None
