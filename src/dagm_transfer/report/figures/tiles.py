"""One image as a small picture for a page: its heat, its weak label, its most suspicious window."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from dagm_transfer.data.ellipse import Ellipse

LONGEST = 256  # pixels of a picture
COLOURS = 96  # of its palette: surfaces hardly compress
LABEL, WINDOW, AROUND = "#0072B2", "#F0E442", "#000000"
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
    drawn = ImageDraw.Draw(small)
    if window is not None:
        left, top, side = (scale * each for each in window)
        corners = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
        _outline(drawn, [(x, y) for x, y in corners], WINDOW, AROUND)
    if ellipse is not None:
        _outline(drawn, _around(ellipse, scale), LABEL, "#ffffff")
    buffer = io.BytesIO()
    colours = small.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colours.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def _outline(
    drawn: ImageDraw.ImageDraw, points: list[tuple[float, float]], colour: str, halo: str
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
