"""Intervals against scipy, closed formulas and plain loops; what holds of every one of them."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, bootstrap, ttest_1samp
from scipy.stats import t as student

from dagm_transfer.metrics.intervals import (
    image_bootstrap_interval,
    images_to_exclude,
    largest_rate,
    mean_interval,
    mean_p_value,
    seed_error,
    seed_interval,
    wilson_interval,
)

repeatable = settings(derandomize=True, deadline=None)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize(
    ("right", "total"), [(0, 10), (1, 10), (5, 10), (10, 10), (2242, 2300), (1, 1), (0, 1)]
)
def test_wilsons_interval_is_the_closed_formula(right, total):
    z = 1.959963984540054
    share = right / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + (z / total) ** 2 / 4)
    low, high = wilson_interval(right, total)
    assert low == pytest.approx(middle - half, abs=1e-12)
    assert high == pytest.approx(middle + half, abs=1e-12)


@pytest.mark.parametrize("total", [1, 2, 12, 59, 299, 2995])
def test_without_an_event_the_largest_rate_is_the_exact_rule_of_three(total):
    assert largest_rate(0, total) == pytest.approx(1 - 0.05 ** (1 / total), rel=1e-9)
    assert largest_rate(0, total) < 3 / total


@repeatable
@given(st.integers(1, 400), st.data())
def test_at_the_largest_rate_so_few_events_have_a_chance_of_one_in_twenty(total, data):
    events = data.draw(st.integers(0, total - 1))
    assert binom.cdf(events, total, largest_rate(events, total)) == pytest.approx(0.05)


@pytest.mark.parametrize("total", [0, 1, 7])
def test_where_all_are_events_or_nothing_was_seen_no_rate_is_excluded(total):
    assert largest_rate(total, total) == 1.0


@pytest.mark.parametrize("rate", [0.5, 0.05, 0.01, 0.005, 0.001, 1e-6])
def test_no_fewer_images_exclude_a_rate(rate):
    images = images_to_exclude(rate)
    assert largest_rate(0, images) <= rate < largest_rate(0, images - 1)


# Over images, of patches.


def patches(random, images, most=4):
    """Whether patches are right (nine in ten), and their images, which differ, in size as well."""
    image = np.repeat(np.arange(images), random.integers(1, most + 1, images))
    return random.random(image.size) < random.beta(1.8, 0.2, images)[image], image


@st.composite
def judged(draw):
    image = draw(st.lists(st.integers(0, 8), min_size=1, max_size=30))
    right = draw(st.lists(st.booleans(), min_size=len(image), max_size=len(image)))
    return np.array(right), np.array(image)


def test_the_bootstrap_is_a_loop_over_drawn_images():
    random = np.random.default_rng(1)
    right, image = patches(random, 40)
    of_image = [right[image == number] for number in range(40)]
    drawn = (random.integers(0, 40, 40) for _ in range(4000))
    shares = [np.concatenate([of_image[number] for number in numbers]).mean() for numbers in drawn]
    expected = np.percentile(shares, [2.5, 97.5])
    assert image_bootstrap_interval(right, image) == pytest.approx(expected, abs=0.01)


def test_the_bootstrap_is_scipys_of_a_ratio_of_sums():
    right, image = patches(np.random.default_rng(2), 60)
    sums = np.bincount(image, weights=right), np.bincount(image)
    expected = bootstrap(
        sums,
        lambda right, total, axis: right.sum(axis) / total.sum(axis),
        paired=True,
        method="percentile",
        rng=np.random.default_rng(3),
        n_resamples=4000,
    ).confidence_interval
    assert image_bootstrap_interval(right, image) == pytest.approx(tuple(expected), abs=0.01)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.98])
def test_with_a_patch_an_image_it_is_the_binomial(share):
    right = np.arange(200) < 200 * share
    low, high = image_bootstrap_interval(right, range(200), resamples=20_000)
    expected = binom.ppf([0.025, 0.975], 200, share) / 200
    assert (low, high) == pytest.approx(expected, abs=1 / 200)


def test_patches_of_one_image_do_not_count_as_independent():
    right = np.repeat(np.arange(50) < 45, 4)  # four patches an image, that agree
    low, high = image_bootstrap_interval(right, np.repeat(np.arange(50), 4))
    narrow_low, narrow_high = image_bootstrap_interval(right, np.arange(200))
    assert high - low == pytest.approx(2 * (narrow_high - narrow_low), rel=0.1)


@pytest.mark.parametrize(
    ("right", "expected"),
    # All right, all wrong, and half of each image right: three images say no more than that.
    [
        ([True] * 6, wilson_interval(3, 3)),
        ([False] * 6, wilson_interval(0, 3)),
        ([True, False] * 3, wilson_interval(2, 3)),
    ],
)
def test_where_all_resamples_agree_it_is_wilsons_over_the_images(right, expected):
    assert image_bootstrap_interval(np.array(right), [*"aabbcc"]) == expected


@repeatable
@given(judged(), st.integers(0, 100))
def test_the_bootstrap_has_a_width_and_holds_the_share_nearly(patches, seed):
    right, image = patches
    low, high = image_bootstrap_interval(right, image, seed=seed, resamples=200)
    assert 0 <= low < high <= 1
    assert low - 1e-9 <= right.mean() <= high + 1e-9


@repeatable
@given(judged(), st.randoms(use_true_random=False))
def test_neither_order_nor_names_nor_copies_of_patches_matter(patches, random):
    right, image = patches
    expected = image_bootstrap_interval(right, image, resamples=100)
    order = random.sample(range(right.size), right.size)
    names = [f"image {-number}" for number in image]
    named = image_bootstrap_interval(right[order], [names[i] for i in order], resamples=100)
    copied = image_bootstrap_interval(np.tile(right, 3), np.tile(image, 3), resamples=100)
    assert named == copied == expected


def test_the_bootstrap_covers_the_share_about_as_often_as_it_says():
    random = np.random.default_rng(4)
    covered, as_if_independent = 0, 0
    for _ in range(400):
        right, image = patches(random, 100, most=9)
        low, high = image_bootstrap_interval(right, image, resamples=500)
        covered += low <= 0.9 <= high
        low, high = image_bootstrap_interval(right, np.arange(right.size), resamples=500)
        as_if_independent += low <= 0.9 <= high
    assert 0.92 < covered / 400 < 0.98
    assert as_if_independent / 400 < 0.85


def test_the_seed_decides_the_resamples():
    right, image = patches(np.random.default_rng(5), 40)
    assert image_bootstrap_interval(right, image) == image_bootstrap_interval(right, image, seed=0)
    assert image_bootstrap_interval(right, image) != image_bootstrap_interval(right, image, seed=1)


@pytest.mark.parametrize(("right", "images"), [([], []), ([True, False], ["a"])])
def test_patches_without_images_are_refused(right, images):
    with pytest.raises(ValueError, match="patches with"):
        image_bootstrap_interval(np.array(right, dtype=bool), images)


# Over seeds.


@pytest.mark.parametrize(
    ("values", "quantile"),  # of Student's t for 1, 2 and 4 degrees of freedom, from the tables
    [([0.5, 0.52], 12.706), ([0.5, 0.52, 0.54], 4.303), ([0.5, 0.52, 0.54, 0.56, 0.58], 2.776)],
)
def test_the_interval_over_seeds_is_students(values, quantile):
    half = quantile * np.std(values, ddof=1) / math.sqrt(len(values))
    expected = np.mean(values) - half, np.mean(values) + half
    assert mean_interval(values) == pytest.approx(expected, abs=1e-4)
    assert seed_interval(values, 100) == pytest.approx(expected, abs=1e-4)


def test_seeds_that_have_folds_by_turns_are_less_sure():
    # Nadeau and Bengio 2003: the variance over n seeds times 1/n + test over training images.
    values = [0.9, 0.92, 0.91, 0.95, 0.93]
    assert seed_error(values, 0.25) == pytest.approx(1.5 * seed_error(values))  # 1/5 + 1/4 to 1/5
    alone, folded = mean_interval(values), mean_interval(values, 0.25)
    assert np.mean(folded) == pytest.approx(np.mean(alone))
    assert np.ptp(folded) == pytest.approx(1.5 * np.ptp(alone))
    statistic = np.mean(values) / (1.5 * seed_error(values))
    assert mean_p_value(values, 0.25) == pytest.approx(2 * student.sf(statistic, 4))
    assert mean_p_value(values) == pytest.approx(ttest_1samp(values, 0).pvalue)


def test_the_interval_of_a_share_is_cut_to_what_a_share_can_be():
    assert seed_interval([0.98, 0.99, 1.0], 100) == pytest.approx((0.9652, 1.0), abs=5e-5)
    assert seed_interval([0.0, 0.01, 0.02], 100) == pytest.approx((0.0, 0.0348), abs=5e-5)


def test_three_perfect_seeds_are_not_sure():
    assert seed_interval([1.0, 1.0, 1.0], 300) == wilson_interval(300, 300)


def test_seeds_that_differ_by_rounding_agree():
    assert seed_interval([0.1 + 0.2, 0.3], 100) == wilson_interval(30, 100)


@repeatable
@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=6)
    | st.tuples(st.floats(0, 1), st.integers(2, 6)).map(lambda same: [same[0]] * same[1]),
    st.integers(1, 3000),
)
def test_the_interval_over_seeds_has_a_width_and_holds_the_mean(values, images):
    low, high = seed_interval(values, images)
    assert 0 <= low < high <= 1
    assert low <= np.mean(values) <= high
    assert seed_interval(values[::-1], images) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize("values", [[], [0.9]])
def test_an_interval_over_seeds_takes_two(values):
    with pytest.raises(ValueError, match="at least two"):
        mean_interval(values)
    with pytest.raises(ValueError, match="at least two"):
        seed_interval(values, 100)
