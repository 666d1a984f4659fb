"""Heat maps against weak labels."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dagm_transfer.metrics.localization import pixel_auroc, pointing_game


@pytest.mark.parametrize("levels", [2, 5, 10000])
def test_the_area_is_scikit_learns(levels):
    random = np.random.default_rng(levels)
    heat, mask = random.integers(levels, size=(12, 15)).astype(float), random.random((12, 15)) < 0.2
    expected = roc_auc_score(mask.ravel(), heat.ravel())
    assert pixel_auroc(heat, mask) == pytest.approx(expected, abs=1e-12)


def test_without_a_defect_or_without_anything_else_there_is_no_area():
    heat = np.arange(4.0).reshape(2, 2)
    assert np.isnan(pixel_auroc(heat, np.zeros((2, 2), dtype=bool)))
    assert np.isnan(pixel_auroc(heat, np.ones((2, 2), dtype=bool)))
    assert np.isnan(pointing_game(heat, np.zeros((2, 2), dtype=bool)))


@pytest.mark.parametrize("seed", range(5))
def test_pointing_hits_where_the_hottest_pixel_is_near_the_label(seed):
    random = np.random.default_rng(seed)
    heat, mask = random.random((20, 20)), np.zeros((20, 20), dtype=bool)
    mask[5:8, 9:14] = True
    top, left = np.unravel_index(heat.argmax(), heat.shape)
    away = min(np.hypot(top - y, left - x) for y, x in np.argwhere(mask))
    assert pointing_game(heat, mask, tolerance=away) == 1.0
    assert pointing_game(heat, mask, tolerance=away - 1e-6) == 0.0


def test_equally_hot_pixels_count_by_their_share():
    mask = np.array([[True, False], [False, False]])
    assert pointing_game(np.ones((2, 2)), mask) == 0.25


@pytest.mark.parametrize("score", [pixel_auroc, pointing_game])
def test_other_shapes_are_refused(score):
    with pytest.raises(ValueError, match="shapes differ"):
        score(np.ones((2, 2)), np.ones((2, 3), dtype=bool))
