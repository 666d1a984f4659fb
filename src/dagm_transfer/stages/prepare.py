"""Stage `prepare`: raw images to mapped arrays, an index with splits, and a pool of patches."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.config.data import Data
from dagm_transfer.data.dagm import Record, index, read_pixels, weak_label
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.importing import missing_images, read_manifest
from dagm_transfer.data.patches import cut, patch_corners
from dagm_transfer.data.resize import resize
from dagm_transfer.data.splits import Item, Part, split
from dagm_transfer.errors import UserError
from dagm_transfer.files import beside, digest_of, digest_of_arrays, digest_of_file, write_json
from dagm_transfer.metrics.accuracy import trivial_accuracy
from dagm_transfer.tables import to_csv

PARTS: tuple[Part, ...] = ("train", "val", "test")
Progress = Callable[[int, int], None]
Bytes = NDArray[np.uint8]
Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """An indexed image with its part, label, content hash and weak label."""

    record: Record
    part: Part
    label: int
    content: str
    ellipse: Ellipse | None


def prepare(
    data: Data, *, raw: Path, imported: Path, prepared: Path, workers: int, on_image: Progress
) -> dict[str, Any]:
    """Write the prepared data (see data/prepared.py) and return their facts."""
    samples = _samples(data, raw, workers)
    chosen = {sample.record.path for sample in _judged_whole(data, samples)}
    rows: dict[str, list[Row]] = {"inputs": [], "wholes": []}
    blocks: dict[str, list[Bytes]] = {"inputs": [], "wholes": []}

    def cut_up(sample: Sample) -> tuple[list[tuple[Bytes, int, int]], Bytes]:
        pixels = read_pixels(raw / sample.record.path)
        return list(_inputs_of(data, sample, pixels)), pixels

    with ThreadPoolExecutor(workers) as pool, beside(prepared) as draft:
        for done, (sample, (inputs, pixels)) in enumerate(
            zip(samples, pool.map(cut_up, samples), strict=True), start=1
        ):
            about = {
                "part": sample.part,
                "label": sample.label,
                "image": sample.record.path.as_posix(),
            }
            for block, left, top in inputs:
                rows["inputs"].append({**about, "left": left, "top": top})
                blocks["inputs"].append(block)
            if sample.record.path in chosen:
                rows["wholes"].append(about)
                blocks["wholes"].append(pixels)
            on_image(done, len(samples))
        draft.mkdir()
        digests = {"images": _write_index(draft, samples)}
        for what, found in blocks.items():
            digests[what] = _write_block(draft, what, found, rows[what])
        facts = _facts(data, samples, rows, digests, imported)
        write_json(draft / "facts.json", facts)
    return facts


def _samples(data: Data, raw: Path, workers: int) -> list[Sample]:
    """Every image with its part, in the order of the parts."""
    records = index(raw, data.textures)
    with ThreadPoolExecutor(workers) as pool:
        hashes = list(pool.map(lambda record: digest_of_file(raw / record.path), records))
        ellipses = list(pool.map(lambda record: weak_label(raw, record), records))
    items = [
        Item(content, (record.texture, record.defective), record.half)
        for content, record in zip(hashes, records, strict=True)
    ]
    chosen = data.split
    parts = split(
        items,
        kind=chosen.kind,
        fold=chosen.fold,
        validation=chosen.validation,
        seed=chosen.seed,
    )
    samples = [
        Sample(
            record,
            part,
            2 * data.textures.index(record.texture) + record.defective,
            content,
            ellipse,
        )
        for record, part, content, ellipse in zip(records, parts, hashes, ellipses, strict=True)
    ]
    return sorted(samples, key=lambda sample: PARTS.index(sample.part))


def _judged_whole(data: Data, samples: list[Sample]) -> Iterator[Sample]:
    """The whole images of validation and test that windows will judge, in patch mode."""
    taken: dict[tuple[Part, int], int] = {}
    for sample in samples:
        limit = data.whole.defective if sample.record.defective else data.whole.normal
        stratum = (sample.part, sample.label)
        taken[stratum] = taken.get(stratum, 0) + 1
        wanted = data.input == "patch" and sample.part != "train"
        if wanted and (limit == 0 or taken[stratum] <= limit):
            yield sample


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
    if sample.record.defective and sample.ellipse is None:
        return  # an empty weak label: where to cut is not known
    patch = data.patch
    corners = patch_corners(
        (pixels.shape[0], pixels.shape[1]),
        sample.ellipse,
        size=data.size,
        count=patch.per_defective if sample.record.defective else patch.per_normal,
        jitter=patch.jitter,
        # By content: adding an image leaves the patches of the others as they were.
        seed=[patch.seed, int(sample.content[:12], 16)],
    )
    for (left, top), block in zip(corners, cut(pixels, corners, data.size), strict=True):
        yield block, left, top


def _write_index(draft: Path, samples: list[Sample]) -> str:
    rows = [
        {
            "image": sample.record.path.as_posix(),
            "part": sample.part,
            "texture": sample.record.texture,
            "defective": int(sample.record.defective),
            "label": sample.label,
            "sha256": sample.content,
            **_ellipse_columns(sample.ellipse),
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


def _write_block(draft: Path, what: str, blocks: list[Bytes], rows: list[Row]) -> str:
    """Write an array and its table; the digest of both."""
    if len({block.shape for block in blocks}) > 1:
        raise UserError(f"{what}: images of different sizes cannot be judged together")
    stacked = np.stack(blocks) if blocks else np.zeros((0, 1, 1), np.uint8)
    table = to_csv(rows, [*rows[0]] if rows else ["part", "label", "image"])
    np.save(draft / f"{what}.npy", stacked)
    (draft / f"{what}.csv").write_text(table, encoding="utf-8")
    return digest_of([digest_of_arrays({what: stacked}), table])


def _facts(
    data: Data,
    samples: list[Sample],
    rows: dict[str, list[Row]],
    digests: dict[str, str],
    imported: Path,
) -> dict[str, Any]:
    missing: dict[str, str] = {}
    if data.kind == "dagm":
        missing = missing_images(read_manifest(imported), data.textures)
    names = {"synthetic": "DAGM-style synthetic images", "dagm": "DAGM 2007 images"}
    inputs = {part: [r["label"] for r in rows["inputs"] if r["part"] == part] for part in PARTS}
    return {
        "name": names[data.kind] + (" (a part of the release)" if missing else ""),
        "kind": data.kind,
        "textures": data.textures,
        "labels": [f"texture {t} {k}" for t in data.textures for k in ("normal", "defective")],
        "input": data.input,
        "size": data.size,
        "split": data.split.kind,
        "window_stride": data.whole.stride,
        "missing": missing,
        "images": {part: sum(s.part == part for s in samples) for part in PARTS},
        "inputs": {part: len(labels) for part, labels in inputs.items()},
        "wholes": {part: sum(row["part"] == part for row in rows["wholes"]) for part in PARTS[1:]},
        "trivial_accuracy": {
            part: trivial_accuracy(np.array(labels)) for part, labels in inputs.items()
        },
        "inputs_digest": digests["inputs"],
        # Whole images are judged window by window: how far apart these lie belongs to the data.
        "digest": digest_of({**digests, "window_stride": data.whole.stride}),
    }
