"""One image of whatever kind of data: what is known of it before it is read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dagm_transfer.data.ellipse import Ellipse

Half = Literal["Train", "Test"]


@dataclass(frozen=True)
class Record:
    """One image: `path` is below the data's root; `half` is None where a release has no halves.

    The weak label is an ellipse, or a mask below the root that it is fitted to.
    """

    path: Path
    group: str
    defective: bool
    half: Half | None
    ellipse: Ellipse | None
    mask: Path | None
