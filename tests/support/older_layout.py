"""The older layout, made from a folder in the official one."""

import shutil
from pathlib import Path

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.raw_index import read_index, weak_label


def write_older_layout(official: Path, older: Path) -> None:
    """Copy a folder that the generator wrote: normal and defective images apart, numbered anew.

    `labels.txt` has the ellipses fitted to the masks, as the older release has them.
    """
    lines: dict[Path, list[str]] = {}
    numbers: dict[Path, int] = {}
    for record in read_index(official):
        folder = older / f"{record.path.parts[0]}{'_def' * record.defective}"
        folder.mkdir(parents=True, exist_ok=True)
        number = numbers[folder] = numbers.get(folder, 0) + 1
        shutil.copyfile(official / record.path, folder / f"{number}.png")
        if marked := weak_label(official, record):
            lines.setdefault(folder, []).append(_line(number, marked.ellipse))
    for folder, own in lines.items():
        (folder / "labels.txt").write_bytes("".join(f"{line}\r\n" for line in own).encode())


def _line(number: int, ellipse: Ellipse) -> str:
    e = ellipse
    cells = (number, e.semi_major, e.semi_minor, e.angle, e.x, e.y)
    return "\t".join(f"{cell!r}" for cell in cells)
