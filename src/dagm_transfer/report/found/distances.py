"""How far domains lie apart, as the stage `embed` left it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dagm_transfer.core.tables import read_csv

PAIRS = {  # what each kind of pair is for, in the order of the table; {}: what the images show
    "source and target": "photographs, all {}",
    "source and one group": "photographs, one group",
    "photographs": "two folders of photographs",
    "animals and things": "photographs of animals, of things",
    "groups": "one group, another",
    "scrambled": "{}, the same with their phases scrambled",
    "halves": "two halves of one domain",
}
STATISTICS = "pixel statistics"


@dataclass(frozen=True)
class Distances:
    """What the stage found, by trunk, depth, kind of pair and metric: a value a pair."""

    values: Mapping[tuple[str, int, str, str], Sequence[float]]
    layers: Mapping[str, str]  # names of convolutions by their depths

    def layer(self, column: tuple[str, int]) -> str:
        """What a column is measured on."""
        return self.layers[str(column[1])] if column[1] else STATISTICS

    @property
    def columns(self) -> list[tuple[str, int]]:
        """Trunks and depths, as the table has them."""
        return list(dict.fromkeys((trunk, depth) for trunk, depth, _, _ in self.values))

    @property
    def kinds(self) -> list[str]:
        """The kinds of pairs that there are."""
        found = {kind for _, _, kind, _ in self.values}
        return [kind for kind in PAIRS if kind in found]

    def mean(self, column: tuple[str, int], kind: str, metric: str) -> float:
        """Over the pairs of a kind."""
        return float(np.mean(self.values[*column, kind, metric]))

    def deepest(self, trunk: str) -> tuple[str, int]:
        """The column of a trunk's last depth."""
        return max(column for column in self.columns if column[0] == trunk)

    def count(self, kind: str) -> int:
        """How many pairs there are of a kind."""
        return len(self.values[*self.columns[0], kind, "graded_distance"])


def read_distances(path: Path, layers: Mapping[str, str]) -> Distances:
    """The table of the stage."""
    found: dict[tuple[str, int, str, str], list[float]] = {}
    for row in read_csv(path):
        key = (row["trunk"], int(row["depth"]), row["pair"], row["metric"])
        found.setdefault(key, []).append(float(row["value"]))
    return Distances(found, layers)
