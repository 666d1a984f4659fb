"""Every image of the settings once it was looked at: its part, label and weak label."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of_arrays, digest_of_file
from dagm_transfer.core.parallel import ordered_map
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Part
from dagm_transfer.data.raw_index import WeakLabel, weak_label
from dagm_transfer.data.record import Record
from dagm_transfer.data.settings import Data
from dagm_transfer.data.splits import Item, split

PARTS: tuple[Part, ...] = ("train", "val", "test")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sample:
    """An indexed image with its part, label, content hash and weak label.

    `unmarked` is a defective image of a group in which no defect is marked.
    """

    record: Record
    part: Part
    label: int
    content: str
    marked: WeakLabel | None
    unmarked: bool


@dataclass(frozen=True)
class _Seen:
    """The hashes of a file and of its pixels, and where its defect is."""

    content: str
    pixels: str
    marked: WeakLabel | None


def read_samples(data: Data, raw: Path, workers: int, on_image: Progress) -> list[list[Sample]]:
    """The images that these settings choose, in the order of the parts, for each tested fold.

    Args:
        data: the settings.
        raw: the folder of the images.
        workers: threads.
        on_image: told how many were read, of twice as many: the stage reads each once more.

    Raises:
        UserError: images are missing or unreadable, a group has none of a label, or they cannot be
            split.
    """
    records, groups = data.images.index(raw), data.images.groups(raw)
    _check_labels(records, groups)

    def look(record: Record) -> _Seen:
        path = raw / record.path
        pixels = digest_of_arrays({"pixels": read_pixels(path)})
        return _Seen(digest_of_file(path), pixels, weak_label(raw, record))

    seen: list[_Seen] = []
    for one in ordered_map(look, records, workers):
        seen.append(one)
        on_image(len(seen), 2 * len(records))
    items = [
        Item(content, (record.group, record.defective), record.half, record.path.as_posix())
        for record, content in zip(records, _shared(seen), strict=True)
    ]
    places = list(groups)
    marked = {record.group for record in records if record.mask or record.ellipse}

    def samples(parts: Sequence[Part]) -> list[Sample]:
        found = [
            Sample(
                record,
                part,
                2 * places.index(record.group) + record.defective,
                one.content,
                one.marked,
                unmarked=record.defective and record.group not in marked,
            )
            for record, part, one in zip(records, parts, seen, strict=True)
        ]
        return sorted(found, key=lambda sample: PARTS.index(sample.part))

    return [
        samples(
            split(
                items,
                kind=data.split.kind,
                fold=fold,
                validation=data.split.validation,
                seed=data.split.seed,
                numbers=groups,
            )
        )
        for fold in data.split.folds
    ]


def _shared(seen: Sequence[_Seen]) -> list[str]:
    """A hash of each image that is the same for those of equal pixels, however they are packed.

    That of the file, where no other has its pixels.
    """
    least: dict[str, str] = {}
    for one in seen:
        least[one.pixels] = min(one.content, least.get(one.pixels, one.content))
    return [least[one.pixels] for one in seen]


def _check_labels(records: Sequence[Record], groups: Mapping[str, int]) -> None:
    there = {(record.group, record.defective) for record in records}
    for group in groups:
        for defective, state in ((False, "normal"), (True, "defective")):
            if (group, defective) not in there:
                raise UserError(
                    f"{group}: no {state} images, and a classifier needs both labels; import some "
                    "with `dagm import PATH`, or choose other groups in params.yaml, data.images"
                )
