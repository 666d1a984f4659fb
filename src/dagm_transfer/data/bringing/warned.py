"""What of a plan's images looks wrong and may be right: they are brought in, and it is said."""

from collections import defaultdict
from collections.abc import Iterator

from dagm_transfer.data.bringing.look import Looked, Seen
from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.plan import Found, Plan
from dagm_transfer.data.bringing.trainable import groups_of

SPECK = 100  # pixels; real defects are larger, what is smaller is a slip of the labelling tool
SMALL = 32  # pixels a side: what VGG16 halves five times to one


def warned(plan: Plan, looked: Looked) -> list[Note]:
    """Everything that a person should look at."""
    found = (_masks, _turned, _marked_normals, _equal, _small, _mixed_depths, _few)
    return [Note("warning", text) for each in found for text in each(plan, looked)]


def _masks(plan: Plan, looked: Looked) -> Iterator[str]:
    empty, specks, inverted = [], [], []
    for found, seen in looked.of(plan):
        mask = seen.mask
        if not (found.mask and mask and found.record.defective):
            continue
        name = str(found.mask.name)
        if not mask.pixels:
            empty.append(name)
        elif mask.pixels < SPECK:
            specks.append(f"{name} ({mask.pixels} pixels)")
        elif 2 * mask.pixels > mask.width * mask.height:
            inverted.append(f"{name} ({mask.pixels / (mask.width * mask.height):.0%})")
    if empty:
        yield listed("mask", "empty; no patch is cut from their images", empty)
    if specks:
        yield listed("mask", f"of fewer than {SPECK} pixels; used as they are", specks)
    if inverted:
        yield listed("mask", "over more than half of the image; black and white swapped?", inverted)


def _turned(plan: Plan, looked: Looked) -> Iterator[str]:
    """A mask that was drawn before its image was turned, and still has its size, as squares do."""
    names = [
        found.image.name
        for found, seen in looked.of(plan)
        if found.record.defective and seen.mask and ("turned" in seen.traits) != seen.mask.turned
    ]
    if names:
        text = (
            "turned upright by its EXIF orientation and its mask not, or the mask alone; where it "
            "was drawn on the image as stored, take the orientation away"
        )
        yield listed("image", text, names)


def _marked_normals(plan: Plan, looked: Looked) -> Iterator[str]:
    names = [
        found.image.name
        for found, seen in looked.of(plan)
        if not found.record.defective and seen.mask and seen.mask.pixels
    ]
    if names:
        yield listed("normal image", "whose mask marks a defect; the mask is left out", names)


def _equal(plan: Plan, looked: Looked) -> Iterator[str]:
    """Equal images of one label; of two labels they are refused."""
    copies: dict[tuple[str, bool], list[Found]] = defaultdict(list)
    for found, seen in looked.of(plan):
        copies[seen.content, found.record.defective].append(found)
    within, halves, groups = [], [], []
    for first, *others in copies.values():
        for other in others:
            pair = f"{other.image.name} = {first.image.name}"
            if other.record.group != first.record.group:
                groups.append(pair)
            elif other.record.half != first.record.half:
                halves.append(pair)
            else:
                within.append(pair)
    if within:
        yield listed("image", "equal to another of its label; a split keeps them together", within)
    if halves:
        yield listed(
            "image", "equal to one of the other half; only the tested copy is used", halves
        )
    if groups:
        text = "equal to one of another group; leave out a copy to train with both groups"
        yield listed("image", text, groups)


def _small(plan: Plan, looked: Looked) -> Iterator[str]:
    names = [f.image.name for f, seen in looked.of(plan) if min(seen.width, seen.height) < SMALL]
    if names:
        yield listed("image", f"smaller than {SMALL} pixels a side", names)


def _mixed_depths(plan: Plan, looked: Looked) -> Iterator[str]:
    def of(*, deep: bool) -> list[tuple[Found, Seen]]:
        return [pair for pair in looked.of(plan) if pair[1].deep == deep]

    if of(deep=True) and of(deep=False):
        rarer = min(of(deep=True), of(deep=False), key=len)
        other = "more" if rarer[0][1].deep else "no more"
        names = [found.image.name for found, _ in rarer]
        yield listed("image", f"with {other} than 8 bits a pixel, unlike the others", names)


def _few(plan: Plan, looked: Looked) -> Iterator[str]:
    for group in groups_of(plan, looked):
        if said := group.hindrance():
            yield f"{shown(group.name)} cannot be trained with: {said}"
        elif few := group.few():
            yield f"{shown(group.name)}: {' and '.join(few)} images are few to train and test with"
