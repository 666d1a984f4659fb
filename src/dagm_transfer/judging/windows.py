"""Whole images judged by windows, cut and run exactly as patches are in training.

Everything here is numpy over a callable that gives logits, so that it serves any runtime.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import log_softmax

from dagm_transfer.metrics.detection import defect_score

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Corner = tuple[int, int]  # of a window: left, top
Logits = Callable[[Bytes], Floats]  # of grey bytes [N, size, size]: [N, labels]

AT_ONCE = 256  # windows cut from an image: an image of any size takes the memory of so many
BATCH = 32  # windows that a network is asked for at once: more are not faster, and take memory


def window_corners(shape: tuple[int, int], *, size: int, stride: int) -> list[Corner]:
    """Windows that cover a whole image, row by row; the last ones end at its border.

    >>> window_corners((64, 100), size=64, stride=32)
    [(0, 0), (32, 0), (36, 0)]
    """
    tops, lefts = (_starts(length, size, stride) for length in shape)
    return [(left, top) for top in tops for left in lefts]


@dataclass(frozen=True)
class Windows:
    """The windows of one image.

    Attributes:
        whole: bytes [H, W] that they lie in.
        size: of a window.
        corners: of each window.
    """

    whole: Bytes
    size: int
    corners: Sequence[Corner]

    @classmethod
    def of(cls, whole: Bytes, *, size: int, stride: int) -> Self:
        """Those that cover an image [H, W] of at least their size.

        >>> Windows.of(np.zeros((64, 100), np.uint8), size=64, stride=32).pixels.shape
        (3, 64, 64)
        """
        shape = (whole.shape[0], whole.shape[1])
        return cls(whole, size, window_corners(shape, size=size, stride=stride))

    @property
    def pixels(self) -> Bytes:
        """All of them, [windows, size, size]."""
        return np.concatenate(list(self.parts()))

    def parts(self) -> Iterator[Bytes]:
        """They in their order, few cut out at once."""
        views = sliding_window_view(self.whole, (self.size, self.size))
        lefts, tops = np.array(self.corners).T
        for first in range(0, len(self.corners), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            yield views[tops[part], lefts[part]]

    def logits(self, network: Logits) -> Floats:
        """What a network says of each, [windows, labels]."""
        return np.concatenate([network(part) for part in self.parts()])


def image_score(logits: Floats) -> float:
    """An image's log-odds of defective: that of its most suspicious window.

    Args:
        logits: [windows, labels].

    >>> image_score(np.array([[2.0, 1.0], [0.0, 3.0]]))
    3.0
    """
    return float(defect_score(logits).max())


def image_label(logits: Floats) -> int:
    """An image's label by its largest logits.

    It is defective if the largest logit of any window is that of a defective label. Its group is
    the one that the windows agree on best: each window's probability of a group is that of its two
    labels, and the one with the largest mean logarithm wins.

    Args:
        logits: [windows, labels], labels being `2 * group_index + defective`.

    >>> image_label(np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 3.0, 1.0, 1.0]]))
    1
    """
    logged = log_softmax(logits, axis=1)
    groups = np.logaddexp(logged[:, 0::2], logged[:, 1::2])
    defective = bool((logits.argmax(axis=1) % 2).any())
    return 2 * int(groups.mean(axis=0).argmax()) + defective


def _starts(length: int, size: int, stride: int) -> list[int]:
    starts = list(range(0, length - size + 1, stride))
    if starts[-1] != length - size:
        starts.append(length - size)
    return starts
