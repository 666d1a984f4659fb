"""Group and class of each image from the folders that it lies in: `GROUP/CLASS/.../image`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.kinds.folder.labelled import Labelled
from dagm_transfer.data.kinds.folder.mask_files import Masks
from dagm_transfer.data.kinds.folder.names import as_label, key
from dagm_transfer.data.kinds.folder.placed import Placed

Keys = tuple[str, ...]
Spellings = dict[Keys, list[Keys]]


def class_depth(keys: Keys, groups: set[Keys], usual: int | None) -> int | None:
    """Which of an image's folders names its class; None where it lies in no such folder.

    Args:
        keys: the folders.
        groups: the folders that hold a good class.
        usual: how deep all of these lie; None where that differs, or there are none.
    """
    for depth in reversed(range(len(keys))):
        if keys[:depth] in groups:
            return depth
    depth = len(keys) - 1 if usual is None else usual
    return depth if 0 <= depth < len(keys) else None


def groups_with_good(images: Iterable[Placed], good: frozenset[str]) -> set[Keys]:
    """The folders that have a folder of good images in them."""
    return {
        image.keys[:depth]
        for image in images
        for depth, name in enumerate(image.keys)
        if name in good
    }


def label_by_folders(
    images: Sequence[Placed], masks: Masks, good: frozenset[str], own: str
) -> tuple[list[Labelled], list[Note]]:
    """Every image that lies in a class folder, labelled.

    Args:
        images: without masks.
        masks: by the images' names.
        good: names of the good class, as they are compared.
        own: the source's name, which a group without a folder of its own has.
    """
    groups = groups_with_good(images, good)
    depths = {len(group) for group in groups}
    usual = depths.pop() if len(depths) == 1 else None
    found: list[tuple[Placed, int]] = []
    unclassed: list[Placed] = []
    spelt_groups: Spellings = defaultdict(list)
    spelt_classes: Spellings = defaultdict(list)
    for image in images:
        depth = class_depth(image.keys, groups, usual)
        if depth is None:
            unclassed.append(image)
            continue
        found.append((image, depth))
        for spelt, end in ((spelt_groups, depth), (spelt_classes, depth + 1)):
            if image.folders[:end] not in spelt[image.keys[:end]]:
                spelt[image.keys[:end]].append(image.folders[:end])
    names = _group_names(spelt_groups, own)
    kinds: dict[str, str] = {}  # one spelling for all groups
    labelled: list[Labelled] = []
    for image, depth in found:
        kind = image.keys[depth]
        labelled.append(
            Labelled(
                image=image.file,
                group=names[image.keys[:depth]],
                good=kind in good,
                defect=""
                if kind in good
                else kinds.setdefault(kind, as_label(image.folders[depth])),
                half=image.half,
                mask=masks.get(image.file.name),
            )
        )
    notes = [*_merged(spelt_groups, spelt_classes), *_nested(spelt_groups)]
    if unclassed:
        names_left = [image.file.name for image in unclassed]
        notes.append(Note("left out", listed("image", "in no folder of a class", names_left)))
    return labelled, notes


def _group_names(spelt: Mapping[Keys, Sequence[Keys]], own: str) -> dict[Keys, str]:
    """The last folder's name; where two groups would share it, the whole way to it.

    A group that has the source's name, as the group of the source itself, has both.
    """
    last = [group[-1] if group else key(own) for group in spelt]
    return {
        group: as_label(
            own
            if not group
            else spellings[0][-1]
            if last.count(group[-1]) == 1
            else "/".join(spellings[0] if len(spellings[0]) > 1 else (own, *spellings[0]))
        )
        for group, spellings in spelt.items()
    }


def _merged(groups: Spellings, classes: Spellings) -> list[Note]:
    """Where folders that are written differently are taken for one."""
    told = [(spellings, "group") for spellings in groups.values() if len(spellings) > 1]
    # A class below two spellings of its group is not news.
    told += [
        (spellings, "class")
        for spellings in classes.values()
        if len({spelling[-1] for spelling in spellings}) > 1
    ]
    return [
        Note("warning", f"{' and '.join(_path(s) for s in spellings)}: taken for one {what}")
        for spellings, what in told
    ]


def _nested(groups: Spellings) -> list[Note]:
    """Where a folder that might be meant as a class holds a good class of its own."""
    notes: list[Note] = []
    for group, spellings in groups.items():
        if any(group[:depth] in groups for depth in range(len(group))):
            said = "holds a good class, so it is taken for a group, not for a class beside others"
            notes.append(Note("warning", f"{_path(spellings[0])}: {said}"))
    return notes


def _path(folders: Keys) -> str:
    return shown("/".join(folders))
