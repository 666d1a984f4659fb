"""One image as a small picture for a page: its heat, its weak label, its most suspicious window."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

from dagm_transfer.data.ellipse import Ellipse

LONGEST = 256  # pixels of a picture
GREYS, COLOURS = 64, 64  # of its palette: surfaces hardly compress
LABEL, AROUND_LABEL = "#0072B2", "#FFFFFF"
WINDOW, AROUND_WINDOW = "#000000", "#FFFFFF"
PENS = dict.fromkeys((LABEL, AROUND_LABEL, WINDOW, AROUND_WINDOW))
CORNERS = 90  # of the polygon that an ellipse is drawn as

Bytes = NDArray[np.uint8]
Square = tuple[int, int, int]  # left, top, size in pixels


def tile(picture: Bytes, ellipse: Ellipse | None, window: Square | None) -> bytes:
    """A picture of at most 256 pixels a side as a PNG.

    Args:
        picture: in colour [H, W, 3].
        ellipse: its weak label.
        window: that is outlined.
    """
    height, width = picture.shape[:2]
    scale = min(LONGEST / max(height, width), 4.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
    small = _in_palette(np.asarray(small))
    pens = {colour: GREYS + COLOURS + place for place, colour in enumerate(PENS)}
    drawn = ImageDraw.Draw(small)
    if window is not None:
        left, top, side = (scale * each for each in window)
        right, bottom = left + side, top + side
        square = [(left, top), (right, top), (right, bottom), (left, bottom)]
        _outline(drawn, square, pens[WINDOW], pens[AROUND_WINDOW])
    if ellipse is not None:
        _outline(drawn, _around(ellipse, scale), pens[LABEL], pens[AROUND_LABEL])
    buffer = io.BytesIO()
    small.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def _in_palette(picture: Bytes) -> Image.Image:
    """A picture in few colours: greys stay grey, so that nothing looks like heat that is none."""
    height, width = picture.shape[:2]
    coloured = picture.max(axis=2) != picture.min(axis=2)
    places = np.rint(picture[..., 0] / 255 * (GREYS - 1)).astype(np.uint8)
    palette = np.repeat(np.rint(np.arange(GREYS) * 255 / (GREYS - 1)), 3).astype(int).tolist()
    if coloured.any():
        found = Image.fromarray(picture[coloured][None]).quantize(
            COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        places[coloured] = GREYS + np.asarray(found)[0]
        palette += (found.getpalette() or [])[: 3 * COLOURS]
    palette += [0] * (3 * (GREYS + COLOURS) - len(palette))
    for colour in PENS:
        palette += ImageColor.getrgb(colour)
    indexed = Image.frombytes("P", (width, height), places.tobytes())
    indexed.putpalette(palette)
    return indexed


def _outline(
    drawn: ImageDraw.ImageDraw, points: list[tuple[float, float]], colour: int, halo: int
) -> None:
    closed = [*points, points[0], points[1]]
    for each, thick in ((halo, 4), (colour, 2)):
        drawn.line(closed, fill=each, width=thick, joint="curve")


def _around(ellipse: Ellipse, scale: float) -> list[tuple[float, float]]:
    """Points on an ellipse; pixel centres lie on whole numbers, so its picture starts at -1/2."""
    cosine, sine = math.cos(ellipse.angle), math.sin(ellipse.angle)
    points = []
    for step in range(CORNERS):
        turn = 2 * math.pi * step / CORNERS
        along, across = ellipse.semi_major * math.cos(turn), ellipse.semi_minor * math.sin(turn)
        x = ellipse.x + along * cosine - across * sine
        y = ellipse.y + along * sine + across * cosine
        points.append((scale * (x + 0.5), scale * (y + 0.5)))
    return points
