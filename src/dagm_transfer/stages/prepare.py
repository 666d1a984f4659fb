"""Stage `prepare`: raw images to a mapped array of inputs, and an index with splits."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import (
    beside,
    digest_of,
    digest_of_arrays,
    write_json,
)
from dagm_transfer.core.parallel import ordered_map
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.array_file import growing_array
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.patches import cut, grid_corners, patch_corners
from dagm_transfer.data.paths import IMPORTED, PREPARED, RAW
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Part, fold_folder
from dagm_transfer.data.resize import resize
from dagm_transfer.data.sampled import PARTS, Sample, read_samples
from dagm_transfer.data.settings import Data
from dagm_transfer.metrics.accuracy import trivial_accuracy

STATES = ("normal", "defective")

Progress = Callable[[int, int], None]
Bytes = NDArray[np.uint8]
Row = dict[str, Any]


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
            part it belongs to depends on the contents of all.

    Raises:
        UserError: images are missing, unreadable, or too small for a patch; or of a label there
            are none, or none that patches can be cut from.
    """
    raw = root / RAW
    folds = read_samples(data, raw, workers, on_image)

    def cut_up(sample: Sample) -> tuple[Sample, list[tuple[Bytes, int, int]]]:
        return sample, list(_inputs_of(data, sample, read_pixels(raw / sample.record.path)))

    facts: list[dict[str, Any]] = []
    with beside(root / PREPARED) as draft:
        draft.mkdir()
        rows: list[InputRow] = []
        first = folds[0]
        with growing_array(draft / "inputs.npy") as array:
            for done, (sample, inputs) in enumerate(ordered_map(cut_up, first, workers), start=1):
                image = sample.record.path.as_posix()
                for block, left, top in inputs:
                    rows.append(InputRow(sample.part, sample.label, image, left, top))
                    array.append(block)
                on_image(len(first) + done, 2 * len(first))
        missing = data.images.missing(root / IMPORTED)
        bits = data.images.bits(root / IMPORTED)
        groups = list(data.images.groups(raw))
        for place, samples in enumerate(folds):
            folder = fold_folder(draft, place)
            ordered = _write_again(draft, folder, rows, samples) if place else rows
            digests = {
                "images": _write_index(folder, samples),
                "inputs": _write_table(folder, ordered),
            }
            _check_inputs(groups, ordered)
            facts.append(_facts(data, groups, missing, bits, samples, ordered, digests))
            write_json(folder / "facts.json", facts[-1])
    return facts[0]


def _write_again(
    draft: Path, folder: Path, rows: list[InputRow], samples: list[Sample]
) -> list[InputRow]:
    """Write the same inputs in the order of another fold; their rows."""
    folder.mkdir()
    inputs = np.load(draft / "inputs.npy", mmap_mode="r")
    of_image: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        of_image.setdefault(row.image, []).append(place)
    ordered: list[InputRow] = []
    with growing_array(folder / "inputs.npy") as array:
        for sample in samples:
            for place in of_image.get(sample.record.path.as_posix(), ()):
                ordered.append(rows[place]._replace(part=sample.part))
                array.append(inputs[place])
    return ordered


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


def _check_inputs(groups: list[str], rows: list[InputRow]) -> None:
    """Refuse a label that a part has images of, and no patch: nothing could be learned of it."""
    cut = {(row.label, row.part) for row in rows}
    for label in range(2 * len(groups)):
        for part in PARTS:
            if (label, part) not in cut:
                raise UserError(
                    f"{groups[label // 2]}: no patch of its {STATES[label % 2]} images in {part}, "
                    "as their masks are missing or empty; bring more masks, or none at all"
                )


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
    bits: int,
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
        "labels": [f"{group} {state}" for group in groups for state in STATES],
        "input": data.input,
        "size": data.size,
        "bits": bits,  # of a pixel, before the images were stored with 8
        "resize": data.resize,
        "split": data.split.kind,
        "folds": len(data.split.folds),  # of which each seed tests another
        "missing": missing,
        # Whose defects are marked nowhere: their patches have the label of their image.
        "unmarked": sorted({sample.record.group for sample in samples if sample.unmarked}),
        "images": {part: sum(s.part == part for s in samples) for part in PARTS},
        "inputs": {part: len(found) for part, found in labels.items()},
        "trivial_accuracy": {part: trivial_accuracy(found) for part, found in labels.items()},
        "inputs_digest": digests["inputs"],
        "digest": digest_of(digests),
    }
