"""Raw images as they lie in the project: files, and an index that says what each of them is.

Whatever kind of data they are, and however they came, `index.csv` has a row for each image: image,
group, defective, defect, half, mask, x, y, semi_major, semi_minor, angle. Images and masks are
named below the folder that it lies in, and hold at most 8 bits a pixel.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of, digest_of_file
from dagm_transfer.core.tables import Cell, read_csv, to_csv
from dagm_transfer.data.ellipse import Ellipse, ellipse_of
from dagm_transfer.data.middles import Middle, middles_of
from dagm_transfer.data.pixels.masks import read_mask
from dagm_transfer.data.record import HALVES, Record

INDEX = "index.csv"
SHAPE = ("x", "y", "semi_major", "semi_minor", "angle")
COLUMNS = ("image", "group", "defective", "defect", "half", "mask", *SHAPE)


def write_index(root: Path, records: Iterable[Record]) -> None:
    """Write the index of the images below `root`."""
    text = to_csv([_row(record) for record in records], COLUMNS)
    (root / INDEX).write_text(text, encoding="utf-8")


def read_index(root: Path) -> list[Record]:
    """Every image below `root`, in the order of its index.

    Raises:
        UserError: there is no index, or it is damaged.
    """
    path = root / INDEX
    if not path.exists():
        raise UserError(f"{path}: not found; `dagm import PATH` or `dvc repro acquire` writes it")
    try:
        return [_record(row) for row in read_csv(path)]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise UserError(
            f"{path}: changed since it was written; `dagm import PATH` or `dvc repro acquire` "
            "writes it anew"
        ) from error


def records_of(root: Path, groups: Sequence[str]) -> list[Record]:
    """The images of these groups, one group after the other.

    Raises:
        UserError: there is no index, or a group has no image.
    """
    records = read_index(root)
    present = {record.group for record in records}
    for group in groups:
        if group not in present:
            known = ", ".join(sorted(present)) or "none"
            raise UserError(f"{root}: no images of {group}; there are images of {known}")
    return sorted(
        (record for record in records if record.group in groups),
        key=lambda record: groups.index(record.group),
    )


@dataclass(frozen=True)
class WeakLabel:
    """Where the defect of an image is.

    Attributes:
        ellipse: around all of it.
        middles: of its parts, as `middles_of` finds them; never empty.
    """

    ellipse: Ellipse
    middles: tuple[Middle, ...]


def weak_label(root: Path, record: Record) -> WeakLabel | None:
    """Where the defect is; from the mask where the image has one.

    None for normal images, where nothing is marked, and where a mask is empty.
    """
    if record.mask is None:
        shape = record.ellipse
        return WeakLabel(shape, ((shape.x, shape.y),)) if shape else None
    mask = read_mask(root / record.mask)
    return WeakLabel(ellipse_of(mask), middles_of(mask)) if mask.any() else None


def digest_of_store(root: Path) -> str:
    """Sha256 of the index, and of every image and mask that it names: of what is used alone."""
    records = read_index(root)
    files = {path for r in records for path in (r.path, r.mask) if path is not None}
    contents = {path.as_posix(): digest_of_file(root / path) for path in sorted(files)}
    return digest_of({INDEX: digest_of_file(root / INDEX), **contents})


def is_store(root: Path, digest: str) -> bool:
    """Whether images of this digest lie at `root`, all of them and as they were."""
    try:
        return (root / INDEX).exists() and digest_of_store(root) == digest
    except (FileNotFoundError, UserError):  # an image that the index names is gone, or the index
        return False


def _row(record: Record) -> dict[str, Cell]:
    shape = record.ellipse
    return {
        "image": record.path.as_posix(),
        "group": record.group,
        "defective": int(record.defective),
        "defect": record.defect,
        "half": record.half,
        "mask": None if record.mask is None else record.mask.as_posix(),
        **({} if shape is None else {name: getattr(shape, name) for name in SHAPE}),
    }


def _record(row: dict[str, str]) -> Record:
    shape = [float(row[name]) for name in SHAPE if row[name]]
    return Record(
        path=Path(row["image"]),
        group=row["group"],
        defective=row["defective"] == "1",
        defect=row["defect"],
        half=HALVES[row["half"]],
        ellipse=Ellipse(*shape) if shape else None,
        mask=Path(row["mask"]) if row["mask"] else None,
    )
