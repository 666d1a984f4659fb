"""Images brought into the project: the store that they become, beside what lies there already."""

import errno
import os
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, write_json
from dagm_transfer.core.parallel import ordered_map
from dagm_transfer.data.bringing.as_stored import is_kept, stored_record
from dagm_transfer.data.bringing.look import Looked, Seen
from dagm_transfer.data.bringing.merged import Lying, lying, staying
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.bringing.plan import Found, Plan
from dagm_transfer.data.kinds.imported import Manifest
from dagm_transfer.data.natural import natural
from dagm_transfer.data.paths import Places
from dagm_transfer.data.pixels.images import read_picture, to_bytes
from dagm_transfer.data.pixels.masks import read_mask
from dagm_transfer.data.raw_index import digest_of_store, write_index
from dagm_transfer.data.record import HALVES, Record

FULL = (errno.ENOSPC, errno.EDQUOT)
ORDER = list(HALVES.values())

Progress = Callable[[int, int], None]
Lacking = Callable[[str, int, int], str | None]


@dataclass(frozen=True)
class Brought:
    """What lies in the project now.

    Attributes:
        manifest: of all of it.
        said: what became of what lay there before, a line each.
    """

    manifest: Manifest
    said: tuple[str, ...]


def bring(
    plan: Plan, looked: Looked, places: Places, lacking: Lacking, workers: int, on_image: Progress
) -> Brought:
    """Store the images of a plan in the project; whatever goes wrong, the old ones stay.

    Args:
        plan: what is brought in.
        looked: what reading it found; all of it could be read.
        places: where it goes.
        lacking: what a group of so many normal and defective images lacks, in words.
        workers: threads.
        on_image: told how many images were stored.

    Raises:
        UserError: the disk is full or cannot be written to, what was imported before cannot be
            read, or an image would be stored where another group's lies.
    """
    with _room(places.incoming):
        return _bring(plan, looked, places, lacking, workers, on_image)


def _bring(
    plan: Plan, looked: Looked, places: Places, lacking: Lacking, workers: int, on_image: Progress
) -> Brought:
    pairs = list(looked.of(plan))
    brought = [stored_record(found, seen) for found, seen in pairs]
    before = lying(places)
    stays = staying(before, plan.kind, brought)
    _check_places(brought, stays.records, places)
    with beside(places.imported) as manifest_draft, beside(places.incoming) as draft:
        draft.mkdir()

        def store(item: tuple[Record, tuple[Found, Seen]]) -> None:
            _store(draft, item[0], *item[1], looked.bits)

        # Closed before the draft is cleared away: no thread writes to it any more.
        with closing(ordered_map(store, zip(brought, pairs, strict=True), workers)) as stored:
            for done, _ in enumerate(stored, start=1):
                on_image(done, len(brought))
        _keep(before, stays.records, draft)
        records = sorted([*stays.records, *brought], key=_order)
        write_index(draft, records)
        depths = {looked.bits, before.manifest.get("bits", 8)} if stays.records else {looked.bits}
        manifest = {
            "kind": plan.kind,
            "groups": _groups(records, lacking),
            "bits": max(depths),
            "digest": digest_of_store(draft),
        }
        write_json(manifest_draft, manifest)
    return Brought(manifest, (*stays.said, *_unlike(depths)))


def _unlike(depths: set[int]) -> list[str]:
    if len(depths) == 1:
        return []
    both = " and ".join(str(bits) for bits in sorted(depths))
    return [f"images of {both} bits a pixel lie together now: each import is converted by its own"]


def _check_places(brought: Sequence[Record], kept: Sequence[Record], places: Places) -> None:
    """Refuse what a folder or a person could not tell from what is kept."""
    groups = {_alike(record.group): record.group for record in kept}
    taken = {_alike(path): record for record in kept for path in _paths(record)}
    for record in brought:
        if (before := groups.get(_alike(record.group), record.group)) != record.group:
            raise UserError(
                f"{shown(record.group)}: {shown(before)} was imported before, which differs in "
                "capitals or accents alone; give both one name, or names that differ more, or "
                f"delete {places.imported} to bring these in alone"
            )
        for path in _paths(record):
            if other := taken.get(_alike(path)):
                raise UserError(
                    f"{places.incoming / path}: belongs to {shown(other.group)}, and an image of "
                    f"{shown(record.group)} would be stored there; rename the folder it comes "
                    f"from, or delete {places.imported} to bring these in alone"
                )


def _alike(name: Path | str) -> str:
    """What names share that a disk, or a person, may not tell apart."""
    return unicodedata.normalize("NFC", str(name)).casefold()


def _paths(record: Record) -> list[Path]:
    return [path for path in (record.path, record.mask) if path is not None]


def _store(root: Path, record: Record, found: Found, seen: Seen, bits: int) -> None:
    """Write an image and its mask below `root`."""
    _make_folder(root / record.path)
    if is_kept(seen):
        shutil.copyfile(found.image.origin, root / record.path)
    else:
        levels = to_bytes(read_picture(found.image.origin).levels, bits)
        Image.fromarray(levels).save(root / record.path, "PNG")
    if record.mask and found.mask and seen.mask:
        _make_folder(root / record.mask)
        if seen.mask.plain:
            shutil.copyfile(found.mask.origin, root / record.mask)
        else:
            inside = np.uint8(255) * read_mask(found.mask.origin)
            Image.fromarray(inside).save(root / record.mask, "PNG")


def _keep(before: Lying, records: Sequence[Record], draft: Path) -> None:
    """Have the files of records that stay below `draft` too."""
    for path in {path for record in records for path in _paths(record)}:
        assert before.root is not None
        _make_folder(draft / path)
        try:
            os.link(before.root / path, draft / path)
        except OSError:  # another disk, or one without links
            shutil.copyfile(before.root / path, draft / path)


def _make_folder(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)


def _order(record: Record) -> tuple[object, ...]:
    """Groups as people count, then halves, then names: the same whatever came first."""
    path = natural(record.path.as_posix())
    return natural(record.group), ORDER.index(record.half), path


def _groups(records: Sequence[Record], lacking: Lacking) -> dict[str, dict[str, object]]:
    groups: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys(record.group for record in records):
        of_group = [record for record in records if record.group == name]
        defects = Counter(r.defect or "defective" for r in of_group if r.defective)
        normal, defective = len(of_group) - defects.total(), defects.total()
        groups[name] = {"normal": normal, "defective": defective}
        if len(defects) > 1:
            groups[name]["defects"] = dict(sorted(defects.items()))
        if said := lacking(name, normal, defective):
            groups[name]["missing"] = said
    return groups


@contextmanager
def _room(incoming: Path) -> Iterator[None]:
    """Makes one line of a disk that is full or will not be written to."""
    try:
        yield
    except OSError as error:
        full = error.errno in FULL
        where = incoming if full else shown(error.filename or incoming)
        todo = "make room there" if full else "mend that"
        raise UserError(
            f"{where}: {error.strerror}; {todo} and import again (nothing has changed)"
        ) from error
