"""Whether two networks judge images alike: their decisions, and how far their logits differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dagm_transfer.judging.card import Card
from dagm_transfer.judging.windows import Floats, image_label, image_score


@dataclass(frozen=True)
class Compared:
    """One image as two networks judge it: logits [windows, labels] of either."""

    image: str
    first: Floats
    second: Floats


@dataclass(frozen=True)
class Agreement:
    """Two networks on the same images.

    Attributes:
        images: how many.
        windows: of all of them.
        changed: the images that the second judges otherwise: another group, or another decision.
        largest: relative difference of logits; NaN where a logit is not a number.
    """

    images: int
    windows: int
    changed: tuple[str, ...]
    largest: float

    def facts(self) -> dict[str, Any]:
        """The same as JSON holds it, the difference to two digits."""
        return {
            "images": self.images,
            "windows": self.windows,
            "changed_decisions": list(self.changed),
            "largest_relative_difference": float(f"{self.largest:.1e}"),
        }


def agreement(compared: Iterable[Compared], first: Card, second: Card) -> Agreement:
    """Compare image by image, each network at the threshold of its own card."""
    images = windows = 0
    changed, largest = [], 0.0
    for each in compared:
        images, windows = images + 1, windows + len(each.first)
        largest = float(np.maximum(largest, relative_difference(each.first, each.second)))
        if decision(each.first, first) != decision(each.second, second):
            changed.append(each.image)
    return Agreement(images, windows, tuple(changed), largest)


def decision(logits: Floats, card: Card) -> tuple[str, bool]:
    """The group of an image, and whether it is defective, as its inspector decides.

    Args:
        logits: [windows, labels].
        card: the inspector's.
    """
    return card.groups[image_label(logits) // 2], image_score(logits) >= card.thresholds.image


def relative_difference(first: Floats, second: Floats) -> float:
    """The largest difference of a window's logits over the largest of them, of all windows.

    Args:
        first: [windows, labels].
        second: the same of another network.

    >>> relative_difference(np.array([[2.0, -4.0]]), np.array([[2.0, -3.0]]))
    0.25
    """
    scale = np.maximum(np.abs(first).max(axis=1), np.finfo(np.float64).tiny)
    return float((np.abs(first - second).max(axis=1) / scale).max())
