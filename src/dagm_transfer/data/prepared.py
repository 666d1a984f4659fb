"""The prepared data on disk: written by the stage `prepare`, read by everything after it.

`inputs.npy` holds what the network trains and is tested on, uint8 [N, size, size]: whole images
resized, or patches. `inputs.csv` has a row for each: part, label, image, left, top. In patch mode
`wholes.npy` and `wholes.csv` hold the whole images that are judged by windows. `images.csv` lists
every raw image with its part, texture, defect, weak label and content hash; `facts.json` says what
the data are, with a digest of all of it. The rows of a part lie one after the other.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.files import read_json
from dagm_transfer.tables import read_csv

Part = Literal["train", "val", "test"]


@dataclass(frozen=True)
class Inputs:
    """One part of the data: `pixels` uint8 [N, H, W], `labels` int64 [N].

    `images` names the raw image of each.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    images: list[str]


@dataclass(frozen=True)
class Prepared:
    """The prepared data below a folder; arrays are mapped, not read."""

    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the data are: kind, textures, labels, counts, what was missing, digest."""
        facts: dict[str, Any] = read_json(self.folder / "facts.json")
        return facts

    def inputs(self, part: Part) -> Inputs:
        """What the network sees of one part."""
        return self._part("inputs", part)

    def wholes(self, part: Part) -> Inputs:
        """The whole images of one part that are judged by windows; none in image mode."""
        return self._part("wholes", part)

    def _part(self, what: str, part: Part) -> Inputs:
        table = read_csv(self.folder / f"{what}.csv")
        rows = [place for place, row in enumerate(table) if row["part"] == part]
        pixels = np.load(self.folder / f"{what}.npy", mmap_mode="r")
        first = rows[0] if rows else 0
        return Inputs(
            pixels[first : first + len(rows)],
            np.array([int(table[row]["label"]) for row in rows], dtype=np.int64),
            [table[row]["image"] for row in rows],
        )
