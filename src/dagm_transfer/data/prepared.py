"""The prepared data on disk: written by the stage `prepare`, read by everything after it.

`inputs.npy` holds what the network trains and is tested on, uint8 [N, size, size]: whole images
resized, or patches. `inputs.csv` has a row for each: part, label, image, left, top. `images.csv`
lists every raw image with its part, group, defective, label, weak label and content hash;
`facts.json` says what the data are, with a digest of all of it. The rows of a part lie one after
the other. Where every seed tests another fifth, all this is the first one's, and the same lies in
`fold-1` to `fold-4` for the others.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.files import read_json
from dagm_transfer.core.tables import read_csv

Part = Literal["train", "val", "test"]
FOLDS = 5  # a fifth is tested: the 80/20 of the study


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

    def for_seed(self, seed: int) -> "Prepared":
        """The data of a run: the same for all, or those of its seed's fold."""
        folds = self.facts.get("folds", 1)
        return Prepared(fold_folder(self.folder, seed % folds)) if folds > 1 else self

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the data are: kind, groups, labels, counts, what was missing, digest."""
        facts: dict[str, Any] = read_json(self.folder / "facts.json")
        return facts

    def inputs(self, part: Part) -> Inputs:
        """What the network sees of one part."""
        table = read_csv(self.folder / "inputs.csv")
        rows = [place for place, row in enumerate(table) if row["part"] == part]
        pixels = np.load(self.folder / "inputs.npy", mmap_mode="r")
        first = rows[0] if rows else 0
        return Inputs(
            pixels[first : first + len(rows)],
            np.array([int(table[row]["label"]) for row in rows], dtype=np.int64),
            [table[row]["image"] for row in rows],
        )

    def images(self, part: Part) -> list[dict[str, str]]:
        """The rows of `images.csv` for one part."""
        return [row for row in read_csv(self.folder / "images.csv") if row["part"] == part]


def fold_folder(prepared: Path, fold: int) -> Path:
    """Where the data of a fold lie, if not every run has the same."""
    return prepared / f"fold-{fold}" if fold else prepared
