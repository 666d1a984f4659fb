"""An image judged by an inspector: its windows cut, scored and put together."""

from dataclasses import dataclass

import numpy as np

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.decoded import Levels
from dagm_transfer.data.pixels.images import to_bytes
from dagm_transfer.data.resize import resize
from dagm_transfer.inspection.opened import Opened
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.scores import JudgedWindows
from dagm_transfer.judging.windows import Bytes, Windows, image_label, image_score
from dagm_transfer.metrics.detection import defect_score


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
    taken = taken_in(levels, card)
    found = taken.windows.logits(opened.logits)
    if not np.isfinite(found).all():
        raise UserError("the network's answer is no number: its training diverged; take another")
    score = image_score(found)
    return Verdict(
        group=card.groups[image_label(found) // 2],
        score=score,
        defective=score >= card.thresholds.image,
        windows=JudgedWindows(taken.windows.corners, defect_score(found)),
        padded=taken.padded,
    )


@dataclass(frozen=True)
class TakenIn:
    """What a network takes in of one image.

    Attributes:
        windows: of the image; one where it was resized.
        padded: the image was smaller than a window, and was mirrored at its borders.
    """

    windows: Windows
    padded: bool


def taken_in(levels: Levels, card: Card) -> TakenIn:
    """An image cut or resized as an inspector asks for.

    Args:
        levels: grey [H, W], uint8 or uint16.
        card: the inspector's.

    Raises:
        TooDeepError: its pixels are deeper than those that the inspector was trained on.
        UserError: it has no pixels.
    """
    if not levels.size:
        raise UserError("an image without a pixel")
    pixels = as_trained(levels, card)
    if card.stride is None:
        resized = resize(pixels, card.size, card.resize)
        return TakenIn(Windows(resized, card.size, [(0, 0)]), padded=False)
    whole = padded_to(pixels, card.size)
    windows = Windows.of(whole, size=card.size, stride=card.stride)
    return TakenIn(windows, padded=whole.shape != pixels.shape)


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
