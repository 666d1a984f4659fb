"""What each depth of a run responds to its inputs, on disk: a folder a run.

`inputs.csv` has a row for each input: part, label, image. Below `before/` and `after/`, below
`at-40/` and the like for the trunks that were kept on the way, and in each below `train/` and
`test/`, a file a depth holds the pooled responses, float32 [N, C], and `meters.safetensors` what
the meters counted, as `METER/LAYER`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor

from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.vgg16 import layer_key

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Part = Literal["train", "test"]
When = str  # BEFORE, AFTER, or `at` an iteration between them
PARTS: tuple[Part, ...] = ("train", "test")
COLUMNS = ("part", "label", "image")
BEFORE, AFTER = "before", "after"  # training


def at(step: int) -> When:
    """The moment after so many iterations.

    >>> at(40)
    'at-40'
    """
    return f"at-{step}"


def even_inputs(inputs: Inputs, most: int) -> Inputs:
    """At most so many inputs, as many of each label as there are, in their order.

    Of each label the first input of every image, then the second: siblings come last.

    Args:
        inputs: to choose from.
        most: of all labels together.
    """
    seen: dict[tuple[int, str], int] = {}
    ranks = []  # how many of its image came before it
    for label, image in zip(inputs.labels.tolist(), inputs.images, strict=True):
        seen[label, image] = seen.get((label, image), -1) + 1
        ranks.append(seen[label, image])
    labels = np.unique(inputs.labels)
    each = max(1, most // max(1, len(labels)))
    chosen: list[int] = []
    for label in labels:
        rows = np.flatnonzero(inputs.labels == label)
        chosen += rows[np.argsort(np.array(ranks)[rows], kind="stable")[:each]].tolist()
    rows = np.array(sorted(chosen), dtype=np.int64)
    return Inputs(inputs.pixels[rows], inputs.labels[rows], [inputs.images[row] for row in rows])


def one_an_image(labels: Sequence[int], images: Sequence[str]) -> Labels:
    """The rows of the first input of each image: siblings are no independent witnesses.

    Args:
        labels: of the inputs; an image may have inputs of two.
        images: that they come from.

    >>> one_an_image([0, 0, 1, 1], ["a", "a", "a", "b"]).tolist()
    [0, 2, 3]
    """
    seen: dict[tuple[int, str], int] = {}
    for row, (label, image) in enumerate(zip(labels, images, strict=True)):
        seen.setdefault((int(label), image), row)
    return np.array([*seen.values()], dtype=np.int64)


def inputs_table(inputs: dict[Part, Inputs]) -> str:
    """The rows of `inputs.csv`."""
    return to_csv(
        [
            {"part": part, "label": int(label), "image": image}
            for part, chosen in inputs.items()
            for label, image in zip(chosen.labels, chosen.images, strict=True)
        ],
        COLUMNS,
    )


def responses_file(folder: Path, when: When, part: Part, depth: int) -> Path:
    """The pooled responses of one depth."""
    return folder / when / part / f"{layer_key(depth)}.npy"


def meters_file(folder: Path, when: When, part: Part) -> Path:
    """What the meters counted at every depth."""
    return folder / when / part / "meters.safetensors"


@dataclass(frozen=True)
class Features:
    """What the stage `features` left of one run."""

    folder: Path

    @cached_property
    def _rows(self) -> list[dict[str, str]]:
        return read_csv(self.folder / "inputs.csv")

    def labels(self, part: Part) -> Labels:
        """Of each input, [N]."""
        return np.array([int(row["label"]) for row in self._rows if row["part"] == part])

    def images(self, part: Part) -> list[str]:
        """The raw image of each input."""
        return [row["image"] for row in self._rows if row["part"] == part]

    def apart(self, part: Part) -> Labels:
        """The rows of one input an image."""
        return one_an_image(self.labels(part).tolist(), self.images(part))

    def responses(self, when: When, part: Part, depth: int) -> Floats:
        """Pooled responses [N, C] of one depth."""
        found: Floats = np.load(responses_file(self.folder, when, part, depth)).astype(np.float64)
        return found

    def meters(self, when: When, part: Part, depth: int) -> dict[str, Tensor]:
        """What each meter counted at one depth, by its name."""
        found = load_file(meters_file(self.folder, when, part))
        layer = f"/{layer_key(depth)}"
        return {n.removesuffix(layer): value for n, value in found.items() if n.endswith(layer)}
