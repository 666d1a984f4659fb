"""DAGM 2007 on disk: which images are there, their labels and weak labels.

Wieler, Hahn, Hamprecht 2007, doi 10.5281/zenodo.8086136, CC BY 4.0. Two layouts are read:

- official: `ClassN/{Train,Test}/NNNN.PNG`, and in `Label/` of each half `Labels.txt` (a line `1`,
  then tab-separated number, flag, image, 0, mask or 0) and `NNNN_label.PNG` for defective images;
- older: `ClassN/M.png` normal and `ClassN_def/M.png` defective, with `labels.txt` (number,
  semi-major, semi-minor, radians, x, y), or beside the folders `def_N.csv` (filename, class, label,
  x, y, angle, w, h: half axes in pixels); it has no halves.
"""

import csv
import math
import re
from collections.abc import Iterator
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.ellipse import Ellipse, ellipse_of
from dagm_transfer.data.images import read_pixels
from dagm_transfer.data.kinds.record import Record

# Images of a whole texture: normal, defective.
DEVELOPMENT = (1000, 150)
COMPETITION = (2000, 300)


def whole_texture(texture: int) -> tuple[int, int]:
    """How many normal and defective images a texture has when it is whole."""
    return DEVELOPMENT if texture <= 6 else COMPETITION


def group_name(texture: int) -> str:
    """What a texture is called where data of any kind have groups.

    >>> group_name(1)
    'texture 1'
    """
    return f"texture {texture}"


def index(root: Path, textures: list[int]) -> list[Record]:
    """Every image of the textures below `root`, in a fixed order, in whichever layout they lie.

    Raises:
        UserError: a texture is absent, or its labels contradict its images.
    """
    records: list[Record] = []
    for texture in textures:
        folder = root / f"Class{texture}"
        if any((folder / half).is_dir() for half in ("Train", "Test")):
            found = list(_official(root, texture))
        else:
            found = list(_older(root, texture))
        if not found:
            raise UserError(
                f"{root}: no images of texture {texture}; "
                f"Class{texture}/Train/*.PNG or Class{texture}/*.png is looked for"
            )
        records += found
    return records


def weak_label(root: Path, record: Record) -> Ellipse | None:
    """The ellipse around the defect; from its mask where the layout has masks.

    None for normal images, and where a mask is empty.
    """
    if record.mask is None:
        return record.ellipse
    mask = read_pixels(root / record.mask) > 0
    return ellipse_of(mask) if mask.any() else None


def _official(root: Path, texture: int) -> Iterator[Record]:
    for half in ("Train", "Test"):
        folder = root / f"Class{texture}" / half
        flags = _labels_txt(folder / "Label" / "Labels.txt") if folder.is_dir() else {}
        for path in _images(folder):
            if path.stem not in flags:
                raise UserError(f"{path}: is not in Label/Labels.txt; take both from one release")
            defective = flags[path.stem]
            mask = folder / "Label" / f"{path.stem}_label{path.suffix}"
            if defective and not mask.exists():
                raise UserError(f"{mask}: missing, yet Labels.txt calls {path.name} defective")
            yield Record(
                path=path.relative_to(root),
                group=group_name(texture),
                defective=defective,
                half=half,
                ellipse=None,
                mask=mask.relative_to(root) if defective else None,
            )


def _older(root: Path, texture: int) -> Iterator[Record]:
    group = group_name(texture)
    for path in _images(root / f"Class{texture}"):
        yield Record(
            path.relative_to(root), group, defective=False, half=None, ellipse=None, mask=None
        )
    folder = root / f"Class{texture}_def"
    ellipses = _older_ellipses(folder, texture)
    for path in _images(folder):
        ellipse = ellipses.get(_number(path))
        if ellipse is None:
            raise UserError(f"{path}: has no ellipse in labels.txt or def_{texture}.csv")
        yield Record(
            path.relative_to(root), group, defective=True, half=None, ellipse=ellipse, mask=None
        )


def _images(folder: Path) -> list[Path]:
    """The images of one folder by number; stray files are passed over."""
    if not folder.is_dir():
        return []
    found = [p for p in folder.iterdir() if re.fullmatch(r"\d+\.png", p.name, re.IGNORECASE)]
    return sorted(found, key=_number)


def _number(path: Path) -> int:
    return int(path.stem)


def _labels_txt(path: Path) -> dict[str, bool]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable; it says which images are defective") from error
    flags: dict[str, bool] = {}
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if not line.strip():
            continue
        if len(cells) < 5 or cells[1] not in ("0", "1"):
            raise UserError(f"{path}:{number}: not `number, flag, image, 0, mask`: {line!r}")
        flags[Path(cells[2]).stem] = cells[1] == "1"
    return flags


def _older_ellipses(folder: Path, texture: int) -> dict[int, Ellipse]:
    listed = folder / "labels.txt"
    if listed.exists():
        return dict(_ellipse_line(listed, line) for line in _lines(listed))
    found: dict[int, Ellipse] = {}
    table = folder.parent / f"def_{texture}.csv"
    if not table.exists():
        return found
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            try:
                number = int(Path(row["filename"]).stem)
                x, y, angle, w, h = (float(row[k]) for k in ("x", "y", "angle", "w", "h"))
                found[number] = _ellipse(x, y, w, h, angle)
            except (KeyError, ValueError, TypeError) as error:
                raise UserError(
                    f"{table}: not rows of filename, x, y, angle, w, h: {dict(row)}"
                ) from error
    return found


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="ascii").splitlines() if line.strip()]


def _ellipse_line(path: Path, line: str) -> tuple[int, Ellipse]:
    try:
        number, major, minor, angle, x, y = (float(cell) for cell in line.split())
        return int(number), _ellipse(x, y, major, minor, angle)
    except ValueError as error:
        raise UserError(
            f"{path}: not `number, semi-major, semi-minor, radians, x, y`: {line!r}"
        ) from error


def _ellipse(x: float, y: float, along: float, across: float, angle: float) -> Ellipse:
    """An ellipse from its half axes along an angle and across it, whichever is the longer."""
    if along >= across:
        return Ellipse(x, y, along, across, angle)
    return Ellipse(x, y, across, along, angle + math.pi / 2)
