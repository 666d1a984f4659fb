"""What of a tree of files is images of the user's own, in folders of classes or in a table."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from dagm_transfer.data.bringing.notes import Note, shown
from dagm_transfer.data.bringing.plan import Found, Plan, stored_name
from dagm_transfer.data.bringing.tree import File, Tree
from dagm_transfer.data.kinds.folder.class_folders import (
    class_depth,
    groups_with_good,
    label_by_folders,
)
from dagm_transfer.data.kinds.folder.class_notes import class_notes
from dagm_transfer.data.kinds.folder.label_table import tables
from dagm_transfer.data.kinds.folder.labelled import Labelled
from dagm_transfer.data.kinds.folder.mask_files import match, tell_apart
from dagm_transfer.data.kinds.folder.names import GOOD, as_label, key
from dagm_transfer.data.kinds.folder.once import once
from dagm_transfer.data.kinds.folder.placed import Placed, place
from dagm_transfer.data.kinds.folder.table_labels import label_by_table
from dagm_transfer.data.natural import natural
from dagm_transfer.data.record import Record

LAYOUTS = (
    "images of your own as GROUP/good/IMAGE and GROUP/DEFECT/IMAGE (GROUP/ may be left out, good "
    "may be called ok, normal or free, or as --good says), such folders below train and test, or a "
    "CSV with columns path and label; docs/your-own-images.md shows each"
)
# Files of DAGM 2007, which have labels of their own.
DAGM = re.compile(r"/class\d+(_def|/train|/test)/[^/]+$|/def_\d+\.csv$", re.IGNORECASE)


def recognise(tree: Tree, good: frozenset[str]) -> str | None:
    """Why these files are images in folders of classes or in a table; None where they are not.

    Args:
        tree: the files.
        good: names of the good class, besides the usual ones.
    """
    if any(DAGM.search(f"/{file.name}") for file in tree.files):
        return None
    images, _, _ = tell_apart(place(tree.files))
    return _reason(images, tables(tree.files), _good_names(good))


def plan(tree: Tree, good: frozenset[str]) -> Plan:
    """Every image that has a class, with its group, half and mask.

    Args:
        tree: the files.
        good: names of the good class, besides the usual ones.
    """
    files, twice = once(tree.files)
    listing, names = tables(files), _good_names(good)
    images, masks, of_twins = tell_apart(place(files))
    notes = [*twice, *of_twins]
    why = _reason(images, listing, names) or "folders of images"
    if len(listing) > 1:
        both = " and ".join(shown(file.name) for file in listing)
        said = f"{both}: each lists paths and labels; leave one of them"
        return Plan("folder", why, (), (Note("refused", said),))
    own = tree.files[0].name.parts[0] if tree.files else ""
    if listing:
        labelled, more = label_by_table(listing[0], images, masks, names, own)
    else:
        by_name, of_masks = match(images, masks)
        labelled, of_classes = label_by_folders(images, by_name, names, own)
        more = [*of_masks, *of_classes]
    whole = as_label(own)
    found = [_found(one, below=None if one.group == whole else own) for one in labelled]
    found.sort(key=_order)
    notes = [*notes, *more, *class_notes(labelled), *_at_one_place(found)]
    return Plan("folder", why, tuple(found), tuple(notes))


def _good_names(good: frozenset[str]) -> frozenset[str]:
    return GOOD | {key(name) for name in good}


def _reason(images: Sequence[Placed], listing: Sequence[File], good: frozenset[str]) -> str | None:
    """What tables there are, or how the images lie; None where neither says their classes."""
    if listing:
        return f"{shown(listing[0].name)} lists paths and labels"
    groups = groups_with_good(images, good)
    classes: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for image in images:
        depth = class_depth(image.keys, groups, None)
        if depth is not None and image.keys[:depth] in groups:
            classes[image.keys[:depth]].add(image.keys[depth])
    for group, kinds in classes.items():
        if kinds & good and (others := sorted(kinds - good)):
            at = shown("/".join([images[0].file.name.parts[0], *group]))
            return f"folders of classes, as {at} with {min(kinds & good)} and {shown(others[0])}"
    for group, kinds in classes.items():
        if kinds & good:
            at = "/".join([images[0].file.name.parts[0], *group])
            return f"a folder of normal images, {shown(at)}/{min(kinds & good)}"
    if {"Train", "Test"} <= {image.half for image in images if image.folders}:
        return "folders train and test of folders of classes"
    return None


def _found(one: Labelled, below: str | None) -> Found:
    """An image as it will be stored, under its name below that folder."""

    def stored(file: File) -> Path:
        return stored_name(file.name if below is None else file.name.relative_to(below))

    record = Record(
        path=stored(one.image),
        group=one.group,
        defective=not one.good,
        defect=one.defect,
        half=one.half,
        mask=None if one.mask is None else stored(one.mask),
    )
    return Found(record, one.image, one.mask)


def _order(found: Found) -> tuple[object, ...]:
    return natural(found.record.group), natural(found.record.path.as_posix())


def _at_one_place(found: Iterable[Found]) -> list[Note]:
    """Where two files would be stored as one, on a disk that does not tell case or form apart."""
    places: dict[str, dict[Path, PurePosixPath]] = defaultdict(dict)
    for one in found:
        places[key(one.record.path.as_posix())][one.image.origin] = one.image.name
        if one.record.mask is not None and one.mask is not None:
            places[key(one.record.mask.as_posix())][one.mask.origin] = one.mask.name
    shared = [list(files.values()) for files in places.values() if len(files) > 1]
    return [
        Note(
            "refused",
            f"{' and '.join(map(shown, names))} would be stored as one file; rename all but one",
        )
        for names in shared
    ]
