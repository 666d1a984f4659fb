"""What the stage `responses` left, read without torch (see stored.py for the files)."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.tables import read_csv

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class StoredResponses:
    """What the stage `responses` left."""

    folder: Path

    @cached_property
    def means(self) -> dict[tuple[str, str, str, str], float]:
        """By key, when, heat and metric."""
        return {
            (row["key"], row["when"], row["heat"], row["metric"]): float(row["value"])
            for row in read_csv(self.folder / "localization.csv")
        }

    @cached_property
    def values(self) -> dict[tuple[str, str, str, str], list[float]]:
        """Of each image, by key, when, heat and metric."""
        found: dict[tuple[str, str, str, str], list[float]] = {}
        for row in self._rows:
            name = (row["key"], row["when"], row["heat"], row["metric"])
            found.setdefault(name, []).append(float(row["value"]))
        return found

    @cached_property
    def images(self) -> list[tuple[str, str]]:
        """The name and the group of each image, of all runs together."""
        return list(dict.fromkeys((row["image"], row["group"]) for row in self._rows))

    @cached_property
    def drawn(self) -> list[tuple[str, str]]:
        """Those of the runs that there are pictures of."""
        first = [row for row in self._rows if row["key"] == self._rows[0]["key"]]
        return list(dict.fromkeys((row["image"], row["group"]) for row in first))

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
    def _rows(self) -> list[dict[str, str]]:
        return read_csv(self.folder / "images.csv")

    def _array(self, name: str) -> Bytes:
        found: Bytes = np.load(self.folder / f"{name}.npy")
        return found
