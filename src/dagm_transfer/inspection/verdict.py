"""An image judged by an inspector: its windows cut, scored and put together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.decoded import Levels
from dagm_transfer.data.pixels.images import to_bytes
from dagm_transfer.data.resize import resize
from dagm_transfer.inspection.opened import Opened
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.scores import JudgedWindows
from dagm_transfer.judging.windows import (
    Bytes,
    Corner,
    Floats,
    Logits,
    image_label,
    image_score,
    window_corners,
)
from dagm_transfer.metrics.detection import defect_score

AT_ONCE = 256  # windows cut from an image: an image of any size takes the memory of so many


class TooDeepError(UserError):
    """An image has more bits a pixel than those that the inspector was trained on."""


@dataclass(frozen=True)
class Verdict:
    """What an inspector says of one image.

    Attributes:
        group: the one that its windows agree on best.
        score: log-odds of defective, of its most suspicious window.
        defective: whether that reaches the card's threshold.
        windows: of the image as it was judged; one where the whole image was resized.
        padded: the image was smaller than a window, and was mirrored at its borders.
    """

    group: str
    score: float
    defective: bool
    windows: JudgedWindows
    padded: bool


def judge_levels(opened: Opened, levels: Levels) -> Verdict:
    """Judge an image of any size, at the depth that it was read with.

    Args:
        opened: the inspector.
        levels: grey [H, W], uint8 or uint16.

    Raises:
        TooDeepError: its pixels are deeper than those that the inspector was trained on.
        UserError: it has no pixels, or the network's answer is no number.
    """
    card = opened.card
    if not levels.size:
        raise UserError("an image without a pixel")
    pixels = as_trained(levels, card)
    if card.stride is None:
        found = opened.logits(resize(pixels, card.size, card.resize)[None])
        corners, padded = [(0, 0)], False
    else:
        whole = padded_to(pixels, card.size)
        padded = whole.shape != pixels.shape
        shape = (whole.shape[0], whole.shape[1])
        corners = window_corners(shape, size=card.size, stride=card.stride)
        found = _logits_of_windows(opened.logits, whole, corners, card.size)
    if not np.isfinite(found).all():
        raise UserError("the network's answer is no number: its training diverged; take another")
    score = image_score(found)
    return Verdict(
        group=card.groups[image_label(found) // 2],
        score=score,
        defective=score >= card.thresholds.image,
        windows=JudgedWindows(corners, defect_score(found)),
        padded=padded,
    )


def padded_to(pixels: Bytes, size: int) -> Bytes:
    """An image of at least [size, size]: mirrored at its right and lower borders where smaller.

    >>> padded_to(np.array([[1, 2, 3]], np.uint8), 4).tolist()[0]
    [1, 2, 3, 3]
    """
    more = [(0, max(0, size - length)) for length in pixels.shape]
    return np.pad(pixels, more, mode="symmetric") if any(after for _, after in more) else pixels


def as_trained(levels: Levels, card: Card) -> Bytes:
    """Bytes by the rule of the images that the inspector was trained on.

    Raises:
        TooDeepError: their pixels are not as deep.
    """
    try:
        return to_bytes(levels, card.bits)
    except ValueError as error:
        raise TooDeepError(
            f"more than the {card.bits} bits a pixel that the inspector was trained on"
        ) from error


def _logits_of_windows(
    logits: Logits, whole: Bytes, corners: Sequence[Corner], size: int
) -> Floats:
    """Of the windows at these corners [windows, labels]; few are cut out at once."""
    views = sliding_window_view(whole, (size, size))
    lefts, tops = np.array(corners).T
    return np.concatenate([
        logits(views[tops[first : first + AT_ONCE], lefts[first : first + AT_ONCE]])
        for first in range(0, len(corners), AT_ONCE)
    ])  # fmt: skip
