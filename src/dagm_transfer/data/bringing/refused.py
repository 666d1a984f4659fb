"""What ends an import: images that cannot be read, and labels that contradict them."""

from collections import defaultdict
from collections.abc import Iterator

from dagm_transfer.data.bringing.as_stored import stored_record
from dagm_transfer.data.bringing.look import Looked
from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.plan import Plan

DARKEST = 64  # of 255: 14 bits of 16 stay below it


def refused(plan: Plan, looked: Looked) -> list[Note]:
    """Every reason not to bring a plan's images in."""
    found = (
        _unreadable, _nearly_black, _other_sizes, _outside, _all_empty, _contradictions, _one_place,
    )  # fmt: skip
    return [Note("refused", text) for each in found for text in each(plan, looked)]


def _unreadable(_: Plan, looked: Looked) -> Iterator[str]:
    if looked.unreadable:
        first, *others = looked.unreadable
        more = f"; and {listed('file', 'as unreadable', others)}" if others else ""
        yield looked.unreadable[first] + more


def _nearly_black(plan: Plan, looked: Looked) -> Iterator[str]:
    """Levels of 10, 12 or 14 bits in colour of 16, of whose channels Pillow reads the upper 8."""
    deep = [(found, seen) for found, seen in looked.of(plan) if "deep" in seen.traits]
    largest = max((seen.largest for _, seen in deep), default=DARKEST)
    if largest < DARKEST:
        text = (
            f"of 16 bits a channel whose upper 8 go no further than {largest}; they seem to hold "
            "fewer bits, most of which would be lost: save them as grey, or with 8 bits"
        )
        yield listed("image", text, [found.image.name for found, _ in deep])


def _other_sizes(plan: Plan, looked: Looked) -> Iterator[str]:
    names = [
        f"{found.mask.name} ({mask.width}x{mask.height}, its image {seen.width}x{seen.height})"
        for found, seen in looked.of(plan)
        if found.mask
        and (mask := seen.mask)
        and (mask.width, mask.height) != (seen.width, seen.height)
    ]
    if names:
        yield listed("mask", "of another size than the image; bring both in one size", names)


def _outside(plan: Plan, looked: Looked) -> Iterator[str]:
    names = [
        f"{found.image.name} ({seen.width}x{seen.height}, the ellipse around "
        f"{shape.x:g}, {shape.y:g})"
        for found, seen in looked.of(plan)
        if (shape := found.record.ellipse)
        and not (0 <= shape.x < seen.width and 0 <= shape.y < seen.height)
    ]
    if names:
        text = "with an ellipse whose middle lies outside; bring image and label in one size"
        yield listed("image", text, names)


def _all_empty(plan: Plan, looked: Looked) -> Iterator[str]:
    masks: dict[str, list[int]] = defaultdict(list)
    for found, seen in looked.of(plan):
        if found.record.defective and seen.mask:
            masks[found.record.group].append(seen.mask.pixels)
    for group, pixels in masks.items():
        if not any(pixels):
            yield (
                f"{shown(group)}: {len(pixels)} of its defective images have a mask, and every "
                "mask is empty; what is in the defect has to be brighter than black"
            )


def _contradictions(plan: Plan, looked: Looked) -> Iterator[str]:
    normal, defective = (
        {seen.content: found for found, seen in looked.of(plan) if found.record.defective == state}
        for state in (False, True)
    )
    names = [
        f"{normal[content].image.name} = {defective[content].image.name}"
        for content in normal
        if content in defective
    ]
    if names:
        yield listed("image", "labelled as normal and as defective; take one of each away", names)


def _one_place(plan: Plan, looked: Looked) -> Iterator[str]:
    """What only the endings of converted files bring together; kinds look at the rest."""
    planned: dict[str, dict[str, str]] = defaultdict(dict)
    for found, seen in looked.of(plan):
        before, after = found.record, stored_record(found, seen)
        planned[after.path.as_posix()][before.path.as_posix()] = str(found.image.name)
        if before.mask and after.mask and found.mask:
            planned[after.mask.as_posix()][before.mask.as_posix()] = str(found.mask.name)
    names = [
        f"{place} ({' and '.join(files.values())})"
        for place, files in planned.items()
        if len(files) > 1
    ]
    if names:
        yield listed("place", "that several files would be stored at; rename them", names)
