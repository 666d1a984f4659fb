"""What the stage `responses` left, read without torch (see stored.py for the files)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.analysis.of_seeds import Runs, check_whole, drawn_seed, folders_there
from dagm_transfer.core.tables import read_csv

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class StoredResponses:
    """What the stage `responses` left of several seeds.

    Attributes:
        below: where their folders lie.
        runs: that are asked for; seeds without a folder are passed over.
    """

    below: Path
    runs: Runs

    @cached_property
    def keys(self) -> list[str]:
        """Those of the runs that something was left of."""
        return [key for seed in self._folders for key in self.runs[seed]]

    @property
    def drawn_seed(self) -> int:
        """That pictures are shown of; there has to be one."""
        return drawn_seed(self._folders, self.runs)

    @cached_property
    def means(self) -> dict[tuple[str, str, str, str], float]:
        """By key, when, heat and metric."""
        return {
            (row["key"], row["when"], row["heat"], row["metric"]): float(row["value"])
            for folder in self._folders.values()
            for row in read_csv(folder / "localization.csv")
        }

    @cached_property
    def values(self) -> dict[tuple[str, str, str, str], list[float]]:
        """Of each image, by key, when, heat and metric."""
        found: dict[tuple[str, str, str, str], list[float]] = {}
        for row in (row for rows in self._rows.values() for row in rows):
            name = (row["key"], row["when"], row["heat"], row["metric"])
            found.setdefault(name, []).append(float(row["value"]))
        return found

    @cached_property
    def images(self) -> list[tuple[str, str]]:
        """The name and the group of each image, of all runs together."""
        return _images_of([row for rows in self._rows.values() for row in rows])

    @cached_property
    def drawn(self) -> list[tuple[str, str]]:
        """Those that pictures are shown of."""
        return _images_of(self._rows[self.drawn_seed])

    @property
    def apart(self) -> bool:
        """Whether runs of other seeds were shown other images."""
        return len(self.images) > len(self.drawn)

    @property
    def labelled(self) -> bool:
        """Whether the images have weak labels that heat maps were held against."""
        return any(when == "baseline" for _, when, *_ in self.means)

    def image(self, place: int) -> tuple[Bytes, Bytes | None]:
        """A small copy of an image, and its weak label; None where the data have none."""
        label = self._array(f"label-{place:02d}") if self.labelled else None
        return self._array(f"image-{place:02d}"), label

    def shown(self, key: str, place: int) -> tuple[Bytes, Bytes]:
        """The strongest channels of a run's response to an image, and its class activation."""
        return (
            self._array(f"{key}/channels-{place:02d}"),
            self._array(f"{key}/heat-{place:02d}"),
        )

    @cached_property
    def _folders(self) -> dict[int, Path]:
        return folders_there(self.below, self.runs)

    @cached_property
    def _rows(self) -> dict[int, list[dict[str, str]]]:
        found = {seed: read_csv(folder / "images.csv") for seed, folder in self._folders.items()}
        for seed, rows in found.items():
            if rows:  # else there was no image to show them
                told = (row["key"] for row in rows)
                check_whole(self._folders[seed], told, self.runs[seed], "responses")
        return found

    def _array(self, name: str) -> Bytes:
        found: Bytes = np.load(self._folders[self.drawn_seed] / f"{name}.npy")
        return found


def _images_of(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["image"], row["group"]) for row in rows))
