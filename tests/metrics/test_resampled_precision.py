"""Intervals of an average precision, against scikit-learn on images drawn one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from dagm_transfer.metrics.detection import average_precision
from dagm_transfer.metrics.resampled_precision import (
    RESAMPLES,
    average_precision_interval,
    resampled_average_precision,
)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 99), levels=st.integers(1, 20), a_image=st.integers(1, 3))
def test_resamples_are_those_of_scikit_learn_on_the_images_drawn(seed, levels, a_image):
    random = np.random.default_rng(seed)
    scores = random.integers(0, levels, 24).astype(float)  # with ties
    defective, images = random.random(24) < 0.4, np.arange(24) // a_image
    found = resampled_average_precision(scores, defective, images, seed)
    total = images.max() + 1
    drawn = np.random.default_rng(seed).multinomial(total, np.full(total, 1 / total), RESAMPLES)
    for value, counts in list(zip(found, drawn, strict=True))[:40]:
        rows = np.repeat(np.arange(24), counts[images])
        if defective[rows].any():
            expected = average_precision_score(defective[rows], scores[rows])
            assert value == pytest.approx(expected)
        else:
            assert np.isnan(value)


def test_the_interval_holds_the_true_value_19_times_in_20():
    random = np.random.default_rng(0)

    def sample(count):
        defective = random.random(count) < 0.3
        return random.standard_normal(count) + 1.5 * defective, defective

    truth = average_precision(*sample(200_000))
    ends = [average_precision_interval(*sample(300), np.arange(300)) for _ in range(80)]
    assert np.mean([low <= truth <= high for low, high in ends]) == pytest.approx(0.95, abs=0.05)


def test_a_perfect_order_has_an_interval_of_some_width():
    scores = np.arange(20.0)
    low, high = average_precision_interval(scores, scores >= 10, np.arange(20))
    assert low < 0.9
    assert high == 1


def test_patches_of_few_images_are_less_sure_than_as_many_images():
    random = np.random.default_rng(1)
    defective = np.repeat(random.random(30) < 0.5, 10)
    scores = np.repeat(random.standard_normal(30), 10) + defective
    few = average_precision_interval(scores, defective, np.repeat(np.arange(30), 10))
    many = average_precision_interval(scores, defective, np.arange(300))
    assert few[1] - few[0] > 2 * (many[1] - many[0])


def test_without_defects_there_is_none():
    low, high = average_precision_interval(np.ones(3), np.zeros(3, bool), ["a", "b", "c"])
    assert np.isnan([low, high]).all()


def test_scores_without_a_name_each_are_refused():
    with pytest.raises(ValueError, match="2 scores with 1 names"):
        resampled_average_precision(np.ones(2), np.ones(2, bool), ["a"])
