"""Convergence: by hand, by exact fractions, and what must always hold."""

from fractions import Fraction
from statistics import median

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dagm_transfer.metrics.convergence import (
    convergence_bracket,
    convergence_iteration,
    first_reaching,
)

MANY = 100_000  # images enough that the tolerance decides, not two images' worth
repeatable = settings(derandomize=True, deadline=None)


def converged(curve, **changed):
    """Of a curve evaluated every 10 iterations; the trivial answer gets half of it right."""
    iterations = range(0, 10 * len(curve), 10)
    return convergence_iteration(iterations, curve, **{"images": MANY, "trivial": 0.5, **changed})


def shares(counts, images):
    return [count / images for count in counts]


CURVES = {
    "a clean rise converges where it meets its plateau": ([0.1, 0.3, *[0.99] * 8], 20),
    "so does one that starts at its plateau": ([0.97] * 10, 0),
    "nine evaluations show no plateau": ([0.97] * 9, None),
    "nor does none": ([], None),
    # Within a fortieth of the run of its first evaluation lie two more, both good.
    "an untrained start is not outvoted by what comes after it": ([0.1, *[0.98] * 100], 10),
    "a spike on the way up is smoothed away": ([0.1, 0.98, 0.2, 0.3, 0.4, 0.5, *[0.98] * 8], 60),
    "a dip of one evaluation is smoothed away": ([0.2, *[0.98] * 5, 0.6, *[0.98] * 7], 10),
    # A twentieth of the run holds three evaluations of 41 (the fewest there are), and five of 81.
    "a dip of two of 41 counts": ([0.2, *[0.98] * 5, 0.6, 0.6, *[0.98] * 33], 80),
    "a dip of two of 81 is smoothed away": ([0.2, *[0.98] * 5, 0.6, 0.6, *[0.98] * 73], 10),
    "a run that ends in a dip has not converged": ([0.2, *[0.98] * 15, 0.90, 0.90], None),
    # Two evaluations are left under the last median: their mean is 0.9755, and 0.9745.
    "a last evaluation may dip by twice the level": ([0.2, *[0.98] * 15, 0.971], 10),
    "a last evaluation may dip by no more": ([0.2, *[0.98] * 15, 0.969], None),
    "being above the plateau is no fault": ([0.2, *[0.99] * 4, *[0.95] * 9], 10),
    "a run that learned and collapsed has not converged": ([0.2, *[0.99] * 6, *[0.5] * 8], None),
    "a plateau halfway from trivial to 1 is no collapse": ([0.75] * 10, 0),
    "a plateau below halfway is one": ([0.749] * 10, None),
}


@pytest.mark.parametrize(("curve", "iteration"), CURVES.values(), ids=CURVES)
def test_by_hand(curve, iteration):
    assert converged(curve) == iteration


# Faults of the rule before this one, whose level was two standard errors; 162 images.


def test_a_run_does_not_converge_before_it_is_good():
    curve = shares([15, 120, 152, 154, 156, 155, 156, 155, 156, 155, 155], 162)
    assert first_reaching(range(0, 110, 10), curve, 0.95) == 30
    assert converged(curve, images=162) == 30  # was 20: 152 was within two standard errors of 155


@pytest.mark.parametrize("higher", [0, 7])  # 7 images: four points, and then all are right
@pytest.mark.parametrize(
    "plateau",
    [
        [154, 154, 155, 154, 154, 155, 154, 155, 154, 155, 155],  # 7 higher was None
        [154, 154, 154, 154, 155, 155, 155, 155, 155, 155, 155],  # 7 higher was 60
    ],
)
def test_one_image_of_movement_on_a_high_plateau_is_level(plateau, higher):
    curve = shares([15, 120, *(right + higher for right in plateau)], 162)
    assert converged(curve, images=162) == 20


@pytest.mark.parametrize(
    ("setting", "iteration"),
    [({"images": 200}, 20), ({"images": 201}, 80), ({"tolerance": 0.01}, 20)],
)
def test_the_level_is_the_larger_of_two_images_and_the_tolerance(setting, iteration):
    assert converged([0.2, 0.6, *[0.96] * 6, *[0.97] * 12], **setting) == iteration


@pytest.mark.parametrize("images", range(100, 200))
def test_two_images_below_is_level_and_halfway_is_above_whatever_the_rounding(images):
    curve = shares([0, *[images - 3] * 7, *[images - 1] * 12], images)
    assert converged(curve, images=images) == 10
    trivial, halfway = shares([images - 86, images - 43], images)
    assert converged([halfway] * 10, images=images, trivial=trivial) == 0


@pytest.mark.parametrize(("tolerance", "iteration"), [(0.039, None), (0.041, 70)])
def test_a_curve_whose_last_fifth_lies_above_the_fifth_before_still_rises(tolerance, iteration):
    # Evaluations 6 to 8, and 8 to 10: their medians are 0.90 and 0.94.
    curve = [0.2, 0.80, 0.82, 0.84, 0.86, 0.87, 0.88, 0.90, 0.92, 0.94, 0.96]
    assert converged(curve, tolerance=tolerance) == iteration


@pytest.mark.parametrize(("plateau", "iteration"), [(0.99, 100), (1.0, None)])
def test_an_empty_fifth_is_stood_for_by_the_last_evaluation_before_it(plateau, iteration):
    iterations = [0, 5, 10, 50, 100, 200, 300, 500, 1000, 1001, 1002]
    curve = [0.1, 0.2, 0.3, 0.4, *[0.99] * 4, *[plateau] * 3]
    assert convergence_iteration(iterations, curve, images=MANY, trivial=0.5) == iteration


def test_iterations_and_accuracies_of_different_number_are_refused():
    with pytest.raises(ValueError, match=r"2 iterations.*3 accuracies"):
        convergence_iteration([0, 1], [0.1, 0.2, 0.3], images=10, trivial=0.5)


@pytest.mark.parametrize(("found", "bracket"), [(0, (0, 0)), (30, (20, 30)), (35, (30, 35))])
def test_convergence_is_known_to_within_the_spacing_of_evaluations(found, bracket):
    assert convergence_bracket([0, 10, 20, 30, 35], found) == bracket


def test_what_was_not_evaluated_has_no_bracket():
    with pytest.raises(ValueError, match="25"):
        convergence_bracket([0, 10, 20, 30], 25)


@pytest.mark.parametrize(
    ("target", "iteration"), [(0.95, 10), (0.96, 10), (0.99, 30), (0.995, None)]
)
def test_the_first_iteration_to_a_target_is_not_smoothed(target, iteration):
    assert first_reaching([0, 10, 20, 30], [0.1, 0.96, 0.94, 0.99], target) == iteration


def test_a_target_wants_an_accuracy_for_each_iteration():
    with pytest.raises(ValueError, match="zip"):
        first_reaching([0, 10], [0.1], 0.95)


# What must always hold, on curves of whole images, unevenly evaluated.


@st.composite
def runs(draw):
    """Iterations, right images, and of how many: a wild start, then a restless plateau."""
    images, wild_ones = draw(st.integers(100, 500)), draw(st.integers(0, 15))
    level = draw(st.integers(images // 2, images - 13))
    wild = draw(st.lists(st.integers(0, images - 10), min_size=wild_ones, max_size=wild_ones))
    moves = draw(st.lists(st.integers(-4, 3), min_size=10, max_size=30))
    evaluations = wild_ones + len(moves)
    gaps = draw(st.lists(st.integers(1, 12), min_size=evaluations, max_size=evaluations))
    return np.cumsum(gaps).tolist(), [*wild, *(level + move for move in moves)], images


def found_in(run, *, higher=0, more=0):
    iterations, counts, images = run
    curve = shares([count + higher for count in counts], images)
    return convergence_iteration(iterations, curve, images=images + more, trivial=0.2)


def by_the_definition(run):
    """The iteration and the plateau in exact fractions, evaluation by evaluation."""
    iterations, counts, images = run
    places = [at - iterations[0] for at in iterations]
    curve = {x: Fraction(y, images) for x, y in zip(places, counts, strict=True)}
    level, fifth = max(Fraction(5, 1000), Fraction(2, images)), Fraction(max(curve), 5)
    plateau = median(y for x, y in curve.items() if x >= 4 * fifth)
    earlier = [y for x, y in curve.items() if x <= 4 * fifth]
    before = [y for x, y in curve.items() if 3 * fifth <= x <= 4 * fifth] or earlier[-1:]
    found = None
    if plateau < Fraction(6, 10) or plateau - median(before) > level:
        return found, plateau
    for place, at in reversed(list(enumerate(curve))):
        near = [other for other, x in enumerate(curve) if abs(x - at) <= fifth / 8]
        behind = max(place - near[0], 1) if place else 0
        ahead = min(max(near[-1] - place, 1), behind)
        if median(list(curve.values())[place - behind : place + ahead + 1]) < plateau - level:
            break
        found = iterations[place]
    return found, plateau


@repeatable
@given(runs())
def test_it_is_the_definition_in_exact_fractions(run):
    found, plateau = by_the_definition(run)
    assert found_in(run) == found
    # And it is never called before an evaluation came that close to the plateau.
    close = float(plateau) - max(0.005, 2 / run[2]) - 1e-9
    assert found is None or found >= first_reaching(run[0], shares(run[1], run[2]), close)


@repeatable
@given(runs(), st.integers(1, 10))
def test_raising_a_whole_curve_neither_loses_nor_delays_convergence(run, higher):
    # Of every curve: the plateau, the median before and the running median rise alike; only the
    # floor does not, and who is above it stays there.
    assume((before := found_in(run)) is not None)
    assert found_in(run, higher=higher) == before


@repeatable
@given(runs(), st.integers(1, 1000))
def test_the_same_curve_on_more_images_never_converges_earlier(run, more):
    # Of every curve: two images' worth only shrinks, which is stricter both on what is at the
    # plateau and on what still rises.
    few, many = found_in(run), found_in(run, more=more)
    assert many is None or (few is not None and few <= many)


def evaluated(curve, run, every):
    """Of a curve over shares of a run of so many iterations."""
    iterations = range(0, run + 1, every)
    accuracies = curve(np.array(iterations) / run)
    return convergence_iteration(iterations, accuracies, images=MANY, trivial=0.2)


@repeatable
@given(
    st.lists(st.integers(0, 1000), min_size=2, max_size=8).map(sorted),
    st.sampled_from([10, 20, 30, 40, 60, 90]),
    st.integers(2, 6),
)
def test_finer_evaluations_move_a_curve_that_never_falls_by_less_than_the_spacing(
    ys, coarse, every
):
    # Of every such curve, where the intervals are a multiple of ten: the medians of the fifths are
    # then the evaluations at 0.9 and 0.7 of the run, and the running median is the curve.
    def curve(at):
        return np.interp(at, np.linspace(0, 1, len(ys)), np.array(ys) / 1000)

    first, finer = (evaluated(curve, coarse * every, spacing) for spacing in (every, 1))
    assert (first is None) == (finer is None)
    assert first is None or 0 <= first - finer < every


@repeatable
@given(st.floats(0.01, 0.06), st.floats(0, 0.4), st.integers(9, 100), st.integers(2, 6))
def test_finer_evaluations_move_a_levelled_curve_by_no_more_than_the_spacing(
    width, middle, coarse, every
):
    # Otherwise the two plateaus differ, but by nothing that counts once the curve is level.
    def exponential(at):
        return 0.1 + 0.89 * (1 - np.exp(-at / width))

    def sigmoid(at):
        return 0.1 + 0.89 / (1 + np.exp((middle - at) * 2 / width))

    for curve in (exponential, sigmoid):
        first, finer = (evaluated(curve, coarse * every, spacing) for spacing in (every, 1))
        assert abs(first - finer) <= every
