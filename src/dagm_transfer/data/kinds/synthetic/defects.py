"""The six defects: where they lie, what they cover, and the weak label around them.

Every function returns the coverage alone; the texture decides what a covered pixel looks
like. Sizes are those of 512-pixel images; smaller images get proportionally smaller defects,
with the same line widths.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.kinds.synthetic.noise import Grey, Points, arc, splat, stroke

_SUPPORT: Final = 0.35
"""Coverage from which a pixel counts as defect."""

_INSIDE: Final = 0.4
"""At least this share of a defect's outline points lies in the image."""


@dataclass(frozen=True)
class Defect:
    """What a defect covers, and its label.

    Attributes:
        coverage: [size, size] in 0..1.
        support: [size, size] bool, the pixels that are visibly changed.
        ellipse: The weak label, before the border cuts it.
    """

    coverage: Grey
    support: NDArray[np.bool_]
    ellipse: Ellipse


def draw_defect(texture: int, rng: np.random.Generator, size: int) -> Defect:
    """Draw the defect of a texture at a random place.

    Args:
        texture: 1 to 6.
        rng: Source of chance.
        size: Side of the image.

    Returns:
        The defect; at least a few of its pixels lie in the image.
    """
    scale = max(size / 512, 0.25)
    shape = _SHAPES[texture]
    while True:
        centre = rng.uniform(0.02, 0.98, 2) * size
        coverage, outline, growth = shape(rng, size, scale, (float(centre[0]), float(centre[1])))
        support = coverage > _SUPPORT
        inside = np.mean(np.all((outline >= 0) & (outline <= size - 1), axis=1))
        if inside < _INSIDE or support.sum() < 12:
            continue
        ellipse = _weak_ellipse(rng, outline, growth, scale)
        # Jitter must not push the label off the defect's middle.
        if np.mean(ellipse.mask(size, size)[support]) > 0.7:
            return Defect(coverage, support, ellipse)


Growth: TypeAlias = tuple[tuple[float, float], tuple[float, float], float]
"""Ranges of the factors on the major and the minor axis, and the least semi-minor axis.

The ranges make the labels' median axes those of the originals: for compact defects the
original's labels are generous (texture 1: about twice the defect across), for long ones tight.
"""

Shape: TypeAlias = tuple[Grey, Points, Growth]


def _weak_ellipse(
    rng: np.random.Generator, outline: Points, growth: Growth, scale: float
) -> Ellipse:
    """Lay a generous, jittered ellipse around all of a defect, also where it left the image."""
    major_growth, minor_growth, least = growth
    middle = outline.mean(axis=0)
    _, _, axes = np.linalg.svd(outline - middle, full_matrices=False)
    spans = (outline - middle) @ axes.T
    low, high = spans.min(axis=0), spans.max(axis=0)
    x, y = middle + ((low + high) / 2) @ axes
    half = (high - low) / 2
    major = max(half[0] * rng.uniform(*major_growth), least * scale)
    minor = max(half[1] * rng.uniform(*minor_growth), least * scale * rng.uniform(0.9, 1.3))
    angle = math.atan2(axes[0, 1], axes[0, 0]) + rng.normal(0, 0.05)
    if minor > major:
        major, minor, angle = minor, major, angle + math.pi / 2
    x, y = rng.normal((x, y), 0.06 * math.sqrt(major * minor))
    return Ellipse(float(x), float(y), float(major), float(minor), float(angle))


def _patches(
    rng: np.random.Generator, size: int, scale: float, centre: tuple[float, float]
) -> Shape:
    """Texture 1: one or two round patches, which often merge."""
    angle = rng.uniform(0, 2 * np.pi)
    apart = rng.uniform(8, 58) * scale
    offset = apart / 2 * np.array([np.cos(angle), np.sin(angle)])
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    bumps = np.zeros((size, size), dtype=np.float32)
    outline = []
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    for sign in (-1, 1):
        place = np.asarray(centre) + sign * offset
        radius = max(rng.uniform(17, 24) * scale, 7.0)
        # A sum of bumps, cut below: near ones join over a neck.
        squared = ((x - place[0]) ** 2 + (y - place[1]) ** 2) / np.float32(radius**2)
        bumps += np.exp(-np.float32(np.log(2)) * squared)
        outline.append(place + radius * np.stack([np.cos(turn), np.sin(turn)], 1))
    ragged = ndimage.gaussian_filter(rng.standard_normal((size, size), dtype=np.float32), 3.0)
    bumps += np.float32(0.7) * ragged
    coverage = np.clip((bumps - np.float32(0.5)) * np.float32(3.5) + np.float32(0.5), 0, 1)
    return coverage, np.concatenate(outline), ((1.2, 2.2), (1.4, 2.6), 14.0)


def _scratch(
    rng: np.random.Generator, size: int, scale: float, centre: tuple[float, float]
) -> Shape:
    """Texture 2: a thin dark scratch, mostly slightly bent, now and then a hook."""
    length = np.clip(rng.lognormal(np.log(112), 0.4), 32, 200) * scale
    bend = rng.normal(0, 0.5) if rng.random() < 0.6 else rng.choice([-1, 1]) * rng.uniform(1.2, 2.6)
    points = arc(max(length, 16), bend, angle=rng.normal(0.0, 0.8), centre=centre)
    coverage = np.clip(1.35 * stroke(points, rng.uniform(1.8, 2.9), size, fade=0.04), 0, 1)
    return coverage, points, ((1.2, 1.5), (1.25, 1.8), 11.0)


def _specks(
    rng: np.random.Generator, size: int, scale: float, centre: tuple[float, float]
) -> Shape:
    """Texture 3: a ragged cluster of bright specks along a wandering line."""
    count = int(rng.integers(24, 61))
    angle = rng.uniform(0, np.pi)
    spread = max(scale, 0.5)
    reach = rng.uniform(18, 48) * spread
    along = rng.normal(0, 0.6, count) * reach
    # Specks gather around a few knots on the line, so that they partly merge.
    knots = rng.uniform(-1, 1, int(rng.integers(1, 4))) * reach
    nearest = knots[np.abs(along[:, None] - knots).argmin(axis=1)]
    along = 0.45 * along + 0.55 * nearest
    across = rng.normal(0, rng.uniform(2.2, 4.5), count) * spread + 4 * spread * np.sin(
        along / (6 * spread)
    )
    axis = np.array([np.cos(angle), np.sin(angle)])
    points = np.asarray(centre) + along[:, None] * axis + across[:, None] * axis[::-1] * [-1, 1]
    density = ndimage.gaussian_filter(splat(points, 1.0, size), 1.6) * 11
    ragged = ndimage.gaussian_filter(rng.standard_normal((size, size), dtype=np.float32), 0.6)
    grain = rng.uniform(0.85, 1.15, (size, size)).astype(np.float32)
    coverage = np.asarray(np.clip((density + 0.4 * ragged - 0.5) * 2, 0, 1) * grain, np.float32)
    coverage[density < 0.1] = 0
    coverage = ndimage.gaussian_filter(coverage * rng.uniform(0.7, 1.25), 0.6)
    return coverage, points, ((1.5, 2.75), (1.4, 2.8), 18.0)


def _long_scratch(
    rng: np.random.Generator, size: int, scale: float, centre: tuple[float, float]
) -> Shape:
    """Texture 4: a faint, long, slightly bent scratch."""
    length = np.clip(rng.lognormal(np.log(115), 0.4), 40, 230) * scale
    points = arc(max(length, 20), rng.normal(0, 0.2), angle=rng.uniform(0, np.pi), centre=centre)
    coverage = np.clip(1.2 * stroke(points, rng.uniform(2.6, 3.6), size), 0, 1)
    return coverage, points, ((1.2, 1.45), (1.2, 1.6), 27.0)


def _hatching(
    rng: np.random.Generator, size: int, scale: float, centre: tuple[float, float]
) -> Shape:
    """Texture 5: four to eight parallel dark lines."""
    count = int(rng.integers(4, 9))
    pitch = rng.uniform(5, 7)
    length = max(rng.uniform(18, 36) * scale, 10)
    angle = rng.uniform(0, np.pi)
    across = np.array([-np.sin(angle), np.cos(angle)])
    coverage = np.zeros((size, size), dtype=np.float32)
    points = []
    for k in range(count):
        place = np.asarray(centre) + (k - (count - 1) / 2) * pitch * across
        line = arc(length, 0.0, angle=angle, centre=(float(place[0]), float(place[1])))
        points.append(line)
        coverage = np.maximum(coverage, stroke(line, rng.uniform(1.6, 2.2), size))
    return coverage, np.concatenate(points), ((2.2, 3.4), (2.0, 3.0), 22.0)


def _band(rng: np.random.Generator, size: int, scale: float, centre: tuple[float, float]) -> Shape:
    """Texture 6: a long band with soft edges, often leaving the image."""
    length = rng.uniform(400, 600) * scale
    angle = rng.uniform(0, np.pi)
    points = arc(length, rng.normal(0, 0.15), angle=angle, centre=centre, step=0.5)
    width = max(rng.uniform(18, 28) * scale, 8)
    coverage = np.clip(1.5 * stroke(points, width, size, fade=0.08), 0, 1)
    return coverage, points, ((0.98, 1.08), (1.0, 1.1), 29.0)


_SHAPES: Final[
    dict[int, Callable[[np.random.Generator, int, float, tuple[float, float]], Shape]]
] = {1: _patches, 2: _scratch, 3: _specks, 4: _long_scratch, 5: _hatching, 6: _band}
