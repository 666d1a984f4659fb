"""How each image of a plan is stored: under which name, and whether as the file that it is."""

from dataclasses import replace
from pathlib import Path

from dagm_transfer.data.bringing.look import Seen
from dagm_transfer.data.bringing.plan import Found
from dagm_transfer.data.pixels.images import Trait
from dagm_transfer.data.record import Record

AS_THEY_ARE: frozenset[Trait] = frozenset({"colour"})  # every reader makes the same grey of it
PNG = ".png"


def is_kept(seen: Seen) -> bool:
    """Whether the file of an image is copied; else its grey levels are stored, as bytes."""
    return not seen.deep and seen.traits <= AS_THEY_ARE


def stored_record(found: Found, seen: Seen) -> Record:
    """An image and its labels as the index has them.

    A normal image has no weak label: where its mask marks something, that is warned of.
    """
    record = found.record
    if not record.defective:
        record = replace(record, mask=None, ellipse=None)
    if record.mask and seen.mask and not seen.mask.plain:
        record = replace(record, mask=_as_png(record.mask))
    return record if is_kept(seen) else replace(record, path=_as_png(record.path))


def _as_png(path: Path) -> Path:
    return path if path.suffix.lower() == PNG else path.with_name(path.name + PNG)
