"""What lies in the project already, and what of it stays when more is brought in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.kinds.imported import Manifest, read_manifest
from dagm_transfer.data.paths import IMPORTED, Places
from dagm_transfer.data.raw_index import is_store, read_index
from dagm_transfer.data.record import Half, Record


@dataclass(frozen=True)
class Lying:
    """Images that were imported before.

    Attributes:
        root: the folder that they lie below; None where there are none.
        manifest: what describes them.
        lost: what the manifest describes and no folder holds, in words.
    """

    root: Path | None
    manifest: Manifest
    lost: str | None = None


@dataclass(frozen=True)
class Staying:
    """What stays of them, and what is said of the rest, a line each."""

    records: tuple[Record, ...]
    said: tuple[str, ...]


def lying(places: Places) -> Lying:
    """What was imported before; a clone may have it as the pipeline's raw images alone."""
    manifest = read_manifest(places.imported)
    if manifest["kind"] is None:
        return Lying(None, manifest)
    for root in (places.incoming, places.raw):
        if is_store(root, manifest["digest"]):
            return Lying(root, manifest)
    groups = ", ".join(shown(name) for name in manifest["groups"])
    lost = f"{places.imported} named images of {groups} that are not at {places.incoming}"
    return Lying(None, manifest, f"{lost}; it names only what was brought now")


def staying(before: Lying, kind: str, brought: Sequence[Record]) -> Staying:
    """What stays when these images are brought in: what they do not replace.

    They replace the images of their halves of their groups: of both labels, or of the one that
    alone is brought, since an older release has defective images in an archive of their own. Where
    a group has halves on one side and none on the other, all of it makes way; and so does
    everything of another kind.
    """
    if before.root is None:
        return Staying((), (before.lost,) if before.lost else ())
    old = read_index(before.root)
    if before.manifest["kind"] != kind:
        was = before.manifest["kind"]
        return Staying((), (f"{len(old)} images of kind {was} made way for those of kind {kind}",))
    new = {(r.group, r.half, r.defective) for r in brought}
    undivided = {(r.group, r.half is None) for r in brought}
    kept: list[Record] = []
    gone: list[Record] = []
    for record in old:
        same = (record.group, record.half, record.defective) in new
        clash = (record.group, record.half is not None) in undivided
        (gone if same or clash else kept).append(record)
    return Staying(tuple(kept), (*_replaced(brought, gone), *_other_label(brought, kept)))


def _replaced(brought: Sequence[Record], gone: Sequence[Record]) -> list[str]:
    came, went = Counter(map(_unit, brought)), Counter(map(_unit, gone))
    said = []
    for unit, number in went.items():
        if unit in came:
            said.append(f"{_named(unit)}: {came[unit]} images replace {number}")
        else:
            text = f"{_named(unit)}: {number} images made way; a group has halves or it has none"
            said.append(text)
    return said


def _other_label(brought: Sequence[Record], kept: Sequence[Record]) -> list[str]:
    """That of a half, or a group without halves, one label stays: it may be out of date."""
    came = set(map(_unit, brought))
    stay = Counter((*_unit(r), r.defective) for r in kept if _unit(r) in came)
    return [
        f"{_named((group, half))}: {number} {'defective' if defective else 'normal'} images of an "
        f"earlier import stay, as no others came; {IMPORTED} deleted first, they go"
        for (group, half, defective), number in stay.items()
    ]


def _unit(record: Record) -> tuple[str, Half | None]:
    return record.group, record.half


def _named(unit: tuple[str, Half | None]) -> str:
    group, half = unit
    return f"{shown(group)} {half}" if half else shown(group)
