"""What labelled images lack: classes, halves and masks that training asks for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.kinds.folder.labelled import Labelled

Groups = dict[str, list[Labelled]]


def class_notes(labelled: Sequence[Labelled]) -> list[Note]:
    """A warning for everything that training, or a split of theirs, will lack."""
    groups: Groups = defaultdict(list)
    for one in labelled:
        groups[one.group].append(one)
    texts = [*_no_good(groups), *_no_defect(groups), *_halves(groups), *_masks(groups)]
    return [Note("warning", text) for text in texts]


def _no_good(groups: Groups) -> Iterator[str]:
    without = [name for name, images in groups.items() if not any(i.good for i in images)]
    if without:
        kinds = sorted({shown(image.defect) for name in without for image in groups[name]})
        text = (
            "without normal images, which training needs; if one of their classes is the good one, "
            f"say so with --good NAME (there are {', '.join(kinds)})"
        )
        yield listed("group", text, without)


def _no_defect(groups: Groups) -> Iterator[str]:
    without = [name for name, images in groups.items() if all(image.good for image in images)]
    if without:
        text = (
            "without defective images, which training needs; put each kind in a folder of its own"
        )
        yield listed("group", text, without)


def _halves(groups: Groups) -> Iterator[str]:
    whole, parted = [], []
    for group, images in groups.items():
        halves = {image.half for image in images}
        if None in halves and len(halves) > 1:
            parted.append(group)
        elif {"Train", "Test"} <= halves:
            bad = {image.half for image in images if not image.good}
            if bad == {"Test"}:
                whole.append(group)
    if whole:
        text = (
            "whose train has no defective images, as in MVTec AD; a classifier has to be trained "
            "with data.split.kind holdout or fold, not official"
        )
        yield listed("group", text, whole)
    if parted:
        text = (
            "of which only a part lies in train and test; data.split.kind official cannot be used"
        )
        yield listed("group", text, parted)


def _masks(groups: Groups) -> Iterator[str]:
    marked = {
        group for group, images in groups.items() if any(i.mask and not i.good for i in images)
    }
    labelled = [image for images in groups.values() for image in images]
    unmarked = [
        i.image.name for i in labelled if i.group in marked and not i.good and i.mask is None
    ]
    if unmarked:
        text = "defective without a mask where others have one; no patch is cut from these"
        yield listed("image", text, unmarked)
