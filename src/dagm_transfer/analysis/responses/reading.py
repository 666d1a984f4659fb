"""What the stage `responses` left, read without torch (see stored.py for the files)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.analysis.paths import folder_of
from dagm_transfer.core.tables import read_csv

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class StoredResponses:
    """What the stage `responses` left of several seeds.

    Attributes:
        below: where their folders lie.
        seeds: in the order that they are told in; those without a folder are passed over.
    """

    below: Path
    seeds: Sequence[int]

    @property
    def there(self) -> bool:
        """Whether anything was left."""
        return bool(self._folders)

    @property
    def drawn_seed(self) -> int:
        """The first that there is: pictures are shown of it alone."""
        return next(iter(self._folders))

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
        folders = {seed: folder_of(seed, self.below) for seed in self.seeds}
        return {seed: folder for seed, folder in folders.items() if folder.exists()}

    @cached_property
    def _rows(self) -> dict[int, list[dict[str, str]]]:
        return {seed: read_csv(folder / "images.csv") for seed, folder in self._folders.items()}

    def _array(self, name: str) -> Bytes:
        found: Bytes = np.load(self._folders[self.drawn_seed] / f"{name}.npy")
        return found


def _images_of(rows: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["image"], row["group"]) for row in rows))
