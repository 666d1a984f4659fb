"""One DAGM-style image: texture, defect, stray marks and sensor noise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.kinds.synthetic.clouds import dashes, paper
from dagm_transfer.data.kinds.synthetic.creases import creases
from dagm_transfer.data.kinds.synthetic.defects import draw_defect
from dagm_transfer.data.kinds.synthetic.fibres import fibres
from dagm_transfer.data.kinds.synthetic.moire import moire
from dagm_transfer.data.kinds.synthetic.noise import Grey, arc, stroke
from dagm_transfer.data.kinds.synthetic.speckle import speckle

TEXTURES: Final[dict[int, Callable[[np.random.Generator, int, Grey], Grey]]] = {
    1: moire,
    2: fibres,
    3: dashes,
    4: creases,
    5: paper,
    6: speckle,
}
"""What draws each texture, given the coverage of its defect."""

MIN_SIZE: Final = 96

_SENSOR_NOISE: Final = 5.0
"""Deviation of the white noise over everything, defects too, in grey levels."""

_STRAY_RATE: Final = 0.05


@dataclass(frozen=True)
class Drawn:
    """A drawn image.

    Attributes:
        pixels: [size, size] uint8.
        ellipse: The weak label; None for a normal image.
        defect: [size, size] bool, the true defect, for tests; None for a normal image.
    """

    pixels: NDArray[np.uint8]
    ellipse: Ellipse | None
    defect: NDArray[np.bool_] | None


def draw_image(texture: int, *, defective: bool, seed: int, index: int, size: int = 512) -> Drawn:
    """Draw one image, the same bytes for the same arguments.

    About one image in twenty, normal and defective alike, has a stray mark that is no defect
    and has no label: a few bright pixels, or a faint, wide band. Normal and defective images
    go through the same steps, a normal one with an empty defect, so that nothing but the
    defect tells them apart.

    Args:
        texture: 1 to 6.
        defective: Whether it has a defect.
        seed: Of the data set; not negative.
        index: Which image; not negative.
        size: Side in pixels, at least 96. Structure keeps its native scale, so a smaller
            image is a smaller field of view; fixed layouts and defects shrink with it.

    Returns:
        The image with its label.

    Raises:
        ValueError: Where texture or size is out of range.
    """
    if texture not in TEXTURES:
        raise ValueError(f"texture must lie in 1..6, not {texture}")
    if size < MIN_SIZE:
        raise ValueError(f"size must be at least {MIN_SIZE}, not {size}")
    # A stream each: how many numbers one part draws does not change the others.
    background, mark, stray = (
        np.random.default_rng([seed, texture, index, int(defective), part]) for part in range(3)
    )
    defect = draw_defect(texture, mark, size) if defective else None
    coverage = np.zeros((size, size), dtype=np.float32) if defect is None else defect.coverage
    grey = TEXTURES[texture](background, size, coverage)
    if stray.random() < _STRAY_RATE:
        grey = _with_stray_mark(stray, grey)
    grey = grey + np.float32(_SENSOR_NOISE) * background.standard_normal(
        (size, size), dtype=np.float32
    )
    return Drawn(
        pixels=np.clip(np.rint(grey), 0, 255).astype(np.uint8),
        ellipse=None if defect is None else defect.ellipse,
        defect=None if defect is None else defect.support,
    )


def _with_stray_mark(rng: np.random.Generator, grey: Grey) -> Grey:
    """Add a deviation that is no defect."""
    size = len(grey)
    if rng.random() < 0.5:
        marked = grey.copy()
        at = rng.integers(1, size - 1, (int(rng.integers(1, 4)), 2))
        marked[at[:, 0], at[:, 1]] = 245.0
        return marked
    points = arc(
        rng.uniform(0.3, 0.8) * size,
        float(rng.normal(0, 0.2)),
        angle=float(rng.uniform(0, np.pi)),
        centre=(float(rng.uniform(0, size)), float(rng.uniform(0, size))),
        step=0.5,
    )
    band = stroke(points, 0.06 * size, size, fade=0.3)
    return np.asarray(grey * (1 + np.float32(rng.choice([-0.06, 0.06])) * band), dtype=np.float32)
