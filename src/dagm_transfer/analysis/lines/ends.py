"""Between which labels lines are drawn, in which inputs they end, what they are held against."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.analysis.meters.features import even_inputs, one_an_image
from dagm_transfer.data.prepared import Inputs

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two labels with a line between them."""

    name: str
    a: int
    b: int


def pairs_of(groups: Sequence[str], asked: Sequence[Sequence[str]]) -> tuple[list[Pair], bool]:
    """The pairs at hand, and whether they are those asked for, if any were.

    Pairs of which a group is not in the data are left out. Where none is left, the first two groups
    make one; of a single group it is its defective and its normal inputs.

    >>> pairs, were_asked = pairs_of(["cloth", "steel"], [["steel", "glass"]])
    >>> pairs[0].name, pairs[0].a, pairs[0].b, were_asked
    ('cloth to steel', 1, 3, False)
    """
    names = [(a, b) for a, b in asked if a in groups and b in groups]
    found = names or ([(groups[0], groups[1])] if len(groups) > 1 else [])
    pairs = [
        Pair(f"{a} to {b}", 2 * groups.index(a) + 1, 2 * groups.index(b) + 1) for a, b in found
    ]
    return pairs or [Pair(f"{groups[0]}, defective to normal", 1, 0)], bool(names) or not asked


def ends_of(inputs: Inputs, label: int, wrong: Labels, most: int) -> Labels:
    """Rows of a label to end lines in: one an image, those first that fewest networks misjudge.

    Args:
        inputs: the test inputs.
        label: of the ends.
        wrong: [N], how many networks take each input for another label.
        most: rows.
    """
    rows = np.flatnonzero(inputs.labels == label)
    chosen: dict[str, int] = {}
    for row in rows[np.argsort(wrong[rows], kind="stable")]:
        chosen.setdefault(inputs.images[row], int(row))
    return np.array([*chosen.values()][:most], dtype=np.int64)


def real_inputs(parts: Sequence[Inputs], pair: Pair, left_out: set[str], each: int) -> Inputs:
    """Inputs of both labels, one an image and as many of each at most, but no image left out.

    Siblings would be each other's neighbours.

    Args:
        parts: to choose from: what trained no network.
        pair: the labels.
        left_out: images in which lines end.
        each: of a label, at most.
    """
    pixels, labels, images = [], [], []
    for part in parts:
        fit = np.isin(part.labels, (pair.a, pair.b)) & ~np.isin(part.images, [*left_out])
        rows = np.flatnonzero(fit)
        rows = rows[one_an_image(part.labels[rows].tolist(), [part.images[row] for row in rows])]
        pixels.append(part.pixels[rows])
        labels.append(part.labels[rows])
        images += [part.images[row] for row in rows]
    return even_inputs(Inputs(np.concatenate(pixels), np.concatenate(labels), images), 2 * each)
