"""What becomes of files that are not stored as they are."""

from collections.abc import Iterator

from dagm_transfer.data.bringing.as_stored import is_kept
from dagm_transfer.data.bringing.look import Looked
from dagm_transfer.data.bringing.notes import Note, listed
from dagm_transfer.data.bringing.plan import Plan, stored_name
from dagm_transfer.data.pixels.images import SAID


def converted(plan: Plan, looked: Looked) -> list[Note]:
    """Every kind of change, with how many images it concerns."""
    found = (_depth, _traits, _stored_anew, _masks, _names)
    return [Note("converted", text) for each in found for text in each(plan, looked)]


def _depth(plan: Plan, looked: Looked) -> Iterator[str]:
    deep = [(found.image.name, seen.largest) for found, seen in looked.of(plan) if seen.deep]
    if deep:
        largest, bits = max(level for _, level in deep), looked.bits
        said = f"of more than 8 bits a pixel; the largest level of all is {largest}, so they have "
        said += f"{bits} bits, and PNGs of level >> {bits - 8} are stored"
        yield listed("image", said, [name for name, _ in deep])


def _traits(plan: Plan, looked: Looked) -> Iterator[str]:
    for trait, said in SAID.items():
        names = [found.image.name for found, seen in looked.of(plan) if trait in seen.traits]
        if names:
            yield listed("image", said, names)


def _stored_anew(plan: Plan, looked: Looked) -> Iterator[str]:
    names = [
        found.image.name for found, seen in looked.of(plan) if not (seen.deep or is_kept(seen))
    ]
    if names:
        yield listed("image", "stored as PNG of what was read", names)


def _masks(plan: Plan, looked: Looked) -> Iterator[str]:
    names = [
        found.mask.name
        for found, seen in looked.of(plan)
        if found.record.defective and found.mask and seen.mask and not seen.mask.plain
    ]
    if names:
        yield listed("mask", "in colour, deep or with alpha; stored as PNG of 0 and 255", names)


def _names(plan: Plan, looked: Looked) -> Iterator[str]:
    names = [
        file.name
        for found, _ in looked.of(plan)
        for file in (found.image, found.mask)
        if file and stored_name(file.name).as_posix() != file.name.as_posix()
    ]
    if names:
        yield listed("name", "stored with odd characters percent-encoded", names)
