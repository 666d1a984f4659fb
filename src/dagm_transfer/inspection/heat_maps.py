"""Where in an image a defect is suspected: the scores of its windows, laid over it in colour.

numpy and Pillow alone: heat maps are made where there is neither torch nor matplotlib.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dagm_transfer.judging.scores import JudgedWindows
from dagm_transfer.judging.windows import Bytes

Scores = NDArray[np.float64]
Places = NDArray[np.intp]

# By how much a score lies above the threshold, in log-odds, and what colour that has in every heat
# map: yellow, orange and vermilion of Okabe and Ito (2008), which colour-blind readers can tell
# apart; the lightness falls from one to the next.
STOPS = (0.0, 4.0, 8.0)
COLOURS = ((240, 228, 66), (230, 159, 0), (213, 94, 0))
OPACITY = (0.35, 0.50, 0.65)
BAND = 256  # rows of an image that are coloured at once
LEGEND_WIDTH, MARGIN, STRIP = 460, 24, 22  # pixels


def overlaid(pixels: Bytes, windows: JudgedWindows, *, size: int, threshold: float) -> Bytes:
    """An image with the scores of its windows over it, as RGB [H, W, 3].

    A window's score stands at its middle. Where windows overlap by half or more it fades linearly
    to the next window's: a mean over windows that cover the pixel, the nearer the heavier. Else
    each pixel has the score of the window whose middle is nearest. Unlike a plain mean of all that
    cover a pixel, this keeps the score of the most suspicious window, which is the image's, so a
    map has a colour exactly if its image was judged defective; and unlike their maximum it tells
    within a window where the suspicion lies.

    Args:
        pixels: grey [H, W], as they were judged.
        windows: of the image; it may be smaller than one.
        size: of a window.
        threshold: from which on an image counts as defective.
    """
    lefts, tops = (np.unique(axis) for axis in np.array(windows.corners).T)
    excess = np.asarray(windows.scores).reshape(len(tops), len(lefts)) - threshold
    smooth = all(2 * np.diff(starts).max(initial=0) <= size for starts in (lefts, tops))
    height, width = pixels.shape
    across = _places(np.arange(width), lefts + size // 2, smooth=smooth)
    down = _places(np.arange(height), tops + size // 2, smooth=smooth)
    coloured = np.repeat(pixels[..., None], 3, axis=2)
    for top in range(0, height, BAND):
        rows = _between(excess, down[top : top + BAND])
        _colour(coloured[top : top + BAND], _between(rows.T, across).T)
    return coloured


def legend(threshold: float) -> Image.Image:
    """What the colours say, on dark, middle and light grey: one picture for all heat maps."""
    font, small = ImageFont.load_default(15), ImageFont.load_default(13)
    image = Image.new("RGB", (LEGEND_WIDTH, 168), "white")
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, 10), "Log-odds of defective above the threshold", "black", font)
    wide = LEGEND_WIDTH - 2 * MARGIN
    reach = STOPS[-1] + 1.0  # and one below the threshold, where there is no colour
    excess = np.tile(np.linspace(-1.0, reach, wide), (STRIP, 1))
    for place, grey in enumerate((60, 128, 200)):
        strip = np.full((STRIP, wide, 3), grey, np.uint8)
        _colour(strip, excess)
        image.paste(Image.fromarray(strip), (MARGIN, 40 + place * STRIP))
    bottom = 40 + 3 * STRIP
    for level, text in ((0, "0"), (2, "2"), (4, "4"), (6, "6"), (8, "8 and more")):
        x = MARGIN + round((level + 1.0) / (reach + 1.0) * (wide - 1))
        draw.line((x, bottom, x, bottom + 5), "black")
        draw.text((x, bottom + 8), text, "black", small, anchor="mt")
    said = f"No colour: below the threshold, {threshold:.2f}. Grey strips: the image beneath."
    draw.text((MARGIN, bottom + 32), said, "black", small)
    return image


def _places(pixels: Places, middles: Places, *, smooth: bool) -> Scores:
    """Each pixel's place among the windows' middles, 1.25 being a quarter behind the second."""
    places = np.interp(pixels, middles, np.arange(len(middles)))
    return places if smooth else np.floor(places + 0.5)


def _between(scores: Scores, places: Scores) -> Scores:
    """Rows [places, ...] at places between those of `scores`."""
    lower = places.astype(np.intp)
    upper = np.minimum(lower + 1, len(scores) - 1)
    share = (places - lower)[:, None]
    between: Scores = (1 - share) * scores[lower] + share * scores[upper]
    return between


def _colour(band: Bytes, excess: Scores) -> None:
    """Lay colours over a part [rows, W, 3] of an image where the score reaches the threshold."""
    suspicious = excess >= 0
    levels = excess[suspicious]
    opacity = np.interp(levels, STOPS, OPACITY)[:, None]
    channels = zip(*COLOURS, strict=True)
    colours = np.stack([np.interp(levels, STOPS, channel) for channel in channels], axis=1)
    band[suspicious] = np.round((1 - opacity) * band[suspicious] + opacity * colours)
