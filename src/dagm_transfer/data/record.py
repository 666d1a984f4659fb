"""One image of whatever kind of data: what is known of it before it is read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dagm_transfer.data.ellipse import Ellipse

Half = Literal["Train", "Test"]
HALVES: dict[str, Half | None] = {"Train": "Train", "Test": "Test", "": None}  # by their names


@dataclass(frozen=True)
class Record:
    """One image and its labels.

    Attributes:
        path: below the data's root.
        group: its name.
        defective: whether it shows a defect.
        defect: the kind of defect, or of image, that is reported apart; empty for all others.
        half: None where a release has no halves.
        ellipse: the weak label, where it is given as one.
        mask: the weak label, where it is an image below the root.
    """

    path: Path
    group: str
    defective: bool
    half: Half | None
    defect: str = ""
    ellipse: Ellipse | None = None
    mask: Path | None = None
