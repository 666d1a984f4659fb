"""DAGM-style images have the statistics of the real ones, within the stated tolerances."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dagm_transfer.data.kinds.synthetic.draw import draw_image
from dagm_transfer.data.kinds.synthetic.likeness import Measured, Reference, compare, measure

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
TEXTURES = range(1, 7)


def draw_and_measure(texture: int, count: int) -> Measured:
    samples = []
    for flag in (True, False):
        for index in range(count if flag else count // 3):
            drawn = draw_image(texture, defective=flag, seed=0, index=index)
            mask = None if drawn.ellipse is None else drawn.ellipse.mask(512, 512)
            samples.append((drawn.pixels, mask))
    return measure(samples)


def real_statistics(texture: int) -> Reference:
    path = ROOT / "experiments" / "results" / "real_statistics.json"
    return Reference(**json.loads(path.read_text())[str(texture)])


@pytest.mark.parametrize("texture", TEXTURES)
def test_drawn_images_are_like_the_real_ones(texture):
    outside = [r for r in compare(texture, real_statistics(texture), draw_and_measure(texture, 16))
               if not r.within]  # fmt: skip
    # A few images estimate the tails of the many poorly: the experiment with more images
    # holds every statistic, this one the grey levels, and all but two of the others.
    levels = [r for r in outside if not r.statistic.startswith("label_")]
    assert not levels
    assert len(outside) <= 2


def test_another_texture_is_not_like_the_real_ones():
    outside = [r for r in compare(6, real_statistics(6), draw_and_measure(2, 6)) if not r.within]
    assert len(outside) > 5


@pytest.mark.skipif(
    not (SHARED / "dagm_samples").is_dir(), reason="the real sample images are not here"
)
def test_recorded_statistics_are_those_of_the_real_images():
    samples = SHARED / "dagm_samples"
    for texture in range(2, 7):
        recorded = real_statistics(texture)
        paths = [p for p in sorted(samples.glob(f"{texture}-*")) if "_label" not in p.name]
        means = [float(np.asarray(Image.open(p).convert("L")).mean()) for p in paths]
        assert recorded.image_count == len(paths)
        assert list(recorded.images["mean"]) == pytest.approx([min(means), max(means)], abs=1e-3)
