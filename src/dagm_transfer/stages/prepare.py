"""Stage `prepare`: raw images to a mapped array of inputs, and an index with splits."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import (
    beside,
    digest_of,
    digest_of_arrays,
    digest_of_file,
    write_json,
)
from dagm_transfer.core.parallel import ordered_map
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.array_file import growing_array
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.patches import cut, grid_corners, patch_corners
from dagm_transfer.data.paths import IMPORTED, PREPARED, RAW
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Part
from dagm_transfer.data.raw_index import WeakLabel, weak_label
from dagm_transfer.data.record import Record
from dagm_transfer.data.resize import resize
from dagm_transfer.data.settings import Data
from dagm_transfer.data.splits import Item, split
from dagm_transfer.metrics.accuracy import trivial_accuracy

PARTS: tuple[Part, ...] = ("train", "val", "test")
Progress = Callable[[int, int], None]
Bytes = NDArray[np.uint8]
Row = dict[str, Any]


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


class InputRow(NamedTuple):
    """A row of `inputs.csv`: what is known of one input, and the corner it was cut at."""

    part: Part
    label: int
    image: str
    left: int
    top: int


def prepare(data: Data, *, root: Path, workers: int, on_image: Progress) -> dict[str, Any]:
    """Write the prepared data (see data/prepared.py) below `root`, and return their facts.

    No more than some images a worker are in memory at once.

    Args:
        data: the settings.
        root: of the project.
        workers: threads that read images.
        on_image: told how often an image was read, of how often: each is read twice, since what
            part it belongs to hangs on the contents of all.

    Raises:
        UserError: images are missing, unreadable, or too small for a patch.
    """
    raw = root / RAW
    samples = _samples(data, raw, workers, on_image)

    def cut_up(sample: Sample) -> tuple[Sample, list[tuple[Bytes, int, int]]]:
        return sample, list(_inputs_of(data, sample, read_pixels(raw / sample.record.path)))

    with beside(root / PREPARED) as draft:
        draft.mkdir()
        rows: list[InputRow] = []
        with growing_array(draft / "inputs.npy") as array:
            for done, (sample, inputs) in enumerate(ordered_map(cut_up, samples, workers), start=1):
                image = sample.record.path.as_posix()
                for block, left, top in inputs:
                    rows.append(InputRow(sample.part, sample.label, image, left, top))
                    array.append(block)
                on_image(len(samples) + done, 2 * len(samples))
        digests = {
            "images": _write_index(draft, samples),
            "inputs": _write_table(draft, rows),
        }
        missing = data.images.missing(root / IMPORTED)
        groups = list(data.images.groups(raw))
        facts = _facts(data, groups, missing, samples, rows, digests)
        write_json(draft / "facts.json", facts)
    return facts


def _samples(data: Data, raw: Path, workers: int, on_image: Progress) -> list[Sample]:
    """Every image with its part, in the order of the parts."""
    records, groups = data.images.index(raw), data.images.groups(raw)
    places = list(groups)
    hashes: list[str] = []
    labels: list[WeakLabel | None] = []

    def look(record: Record) -> tuple[str, WeakLabel | None]:
        return digest_of_file(raw / record.path), weak_label(raw, record)

    for content, label in ordered_map(look, records, workers):
        hashes.append(content)
        labels.append(label)
        on_image(len(hashes), 2 * len(records))
    items = [
        Item(content, (record.group, record.defective), record.half)
        for content, record in zip(hashes, records, strict=True)
    ]
    chosen = data.split
    parts = split(
        items,
        kind=chosen.kind,
        fold=chosen.fold,
        validation=chosen.validation,
        seed=chosen.seed,
        numbers=groups,
    )
    marked = {record.group for record in records if record.mask or record.ellipse}
    samples = [
        Sample(
            record,
            part,
            2 * places.index(record.group) + record.defective,
            content,
            label,
            unmarked=record.defective and record.group not in marked,
        )
        for record, part, content, label in zip(records, parts, hashes, labels, strict=True)
    ]
    return sorted(samples, key=lambda sample: PARTS.index(sample.part))


def _inputs_of(data: Data, sample: Sample, pixels: Bytes) -> Iterator[tuple[Bytes, int, int]]:
    """What the network sees of one image, with the corners it was cut at."""
    if data.input == "image":
        yield resize(pixels, data.size, data.resize), 0, 0
        return
    if min(pixels.shape) < data.size:
        raise UserError(
            f"{sample.record.path}: {pixels.shape[1]}x{pixels.shape[0]} pixels hold no patch of "
            f"{data.size}; set a smaller data.size"
        )
    patch, shape = data.patch, (pixels.shape[0], pixels.shape[1])
    # By content: adding an image leaves the patches of the others as they were.
    seed = [patch.seed, int(sample.content[:12], 16)]
    if sample.unmarked:
        corners = grid_corners(shape, size=data.size, count=patch.per_defective, seed=seed)
    elif sample.record.defective and sample.marked is None:
        return  # an empty weak label, or none where others have one: where to cut is not known
    else:
        corners = patch_corners(
            shape,
            sample.marked.middles if sample.marked else (),
            size=data.size,
            count=patch.per_defective if sample.record.defective else patch.per_normal,
            jitter=patch.jitter,
            seed=seed,
        )
    for (left, top), block in zip(corners, cut(pixels, corners, data.size), strict=True):
        yield block, left, top


def _write_index(draft: Path, samples: list[Sample]) -> str:
    rows = [
        {
            "image": sample.record.path.as_posix(),
            "part": sample.part,
            "group": sample.record.group,
            "defective": int(sample.record.defective),
            "defect": sample.record.defect,
            "label": sample.label,
            "sha256": sample.content,
            **_ellipse_columns(sample.marked.ellipse if sample.marked else None),
        }
        for sample in samples
    ]
    text = to_csv(rows, [*rows[0]])
    (draft / "images.csv").write_text(text, encoding="utf-8")
    return digest_of(text)


def _ellipse_columns(ellipse: Ellipse | None) -> Row:
    if ellipse is None:
        return dict.fromkeys(("x", "y", "semi_major", "semi_minor", "angle"))
    return {
        "x": round(ellipse.x, 2),
        "y": round(ellipse.y, 2),
        "semi_major": round(ellipse.semi_major, 2),
        "semi_minor": round(ellipse.semi_minor, 2),
        "angle": round(ellipse.angle, 4),
    }


def _write_table(draft: Path, rows: list[InputRow]) -> str:
    """Write the table of the array that lies there; the digest of both."""
    table = to_csv((row._asdict() for row in rows), InputRow._fields)
    (draft / "inputs.csv").write_text(table, encoding="utf-8")
    inputs = np.load(draft / "inputs.npy", mmap_mode="r")
    return digest_of([digest_of_arrays({"inputs": inputs}), table])


def _facts(
    data: Data,
    groups: list[str],
    missing: Mapping[str, str],
    samples: list[Sample],
    rows: list[InputRow],
    digests: dict[str, str],
) -> dict[str, Any]:
    labels = {part: np.array([r.label for r in rows if r.part == part]) for part in PARTS}
    return {
        "name": data.images.title + (" (a part of the release)" if missing else ""),
        "kind": data.images.kind,
        "subject": data.images.subject,
        "groups": groups,
        "labels": [f"{group} {state}" for group in groups for state in ("normal", "defective")],
        "input": data.input,
        "size": data.size,
        "resize": data.resize,
        "split": data.split.kind,
        "missing": missing,
        # Whose defects are marked nowhere: their patches have the label of their image.
        "unmarked": sorted({sample.record.group for sample in samples if sample.unmarked}),
        "images": {part: sum(s.part == part for s in samples) for part in PARTS},
        "inputs": {part: len(found) for part, found in labels.items()},
        "trivial_accuracy": {part: trivial_accuracy(found) for part, found in labels.items()},
        "inputs_digest": digests["inputs"],
        "digest": digest_of(digests),
    }
