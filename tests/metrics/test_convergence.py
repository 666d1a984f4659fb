"""Convergence as DESIGN §6.3 has it, on curves worked out by hand."""

import pytest

from dagm_transfer.metrics.convergence import convergence_iteration, first_reaching

MANY = 100_000  # images enough that the tolerance decides, not the standard error


def converged(curve, **settings):
    """Of a curve evaluated every 10 iterations; the trivial answer gets half of it right."""
    iterations = [10 * place for place in range(len(curve))]
    return convergence_iteration(iterations, curve, **{"images": MANY, "trivial": 0.5, **settings})


def test_a_clean_rise_converges_where_the_smoothed_curve_meets_its_plateau():
    # Median of 5, centred: at 20 it is that of 0.1, 0.3, 0.99, 0.99, 0.99.
    assert converged([0.1, 0.3, 0.99, 0.99, 0.99, 0.99, 0.99, 0.99, 0.99]) == 20


def test_a_run_that_starts_at_its_plateau_converges_at_its_first_evaluation():
    assert converged([0.97] * 8) == 0


def test_a_single_spike_on_the_way_up_is_smoothed_away():
    assert converged([0.1, 0.98, 0.2, 0.3, 0.4, 0.5, *[0.98] * 8]) == 60


@pytest.mark.parametrize("length", [1, 2])
def test_a_dip_of_up_to_two_evaluations_is_smoothed_away(length):
    assert converged([0.2, *[0.98] * 5, *[0.60] * length, *[0.98] * 7]) == 10


def test_a_dip_of_three_evaluations_moves_convergence_behind_it():
    # Three of the five under the median are low at 60, 70 and 80.
    assert converged([0.2, *[0.98] * 5, *[0.90] * 3, *[0.98] * 6]) == 90


def test_a_run_that_ends_in_a_dip_has_not_converged():
    assert converged([0.2, *[0.98] * 10, 0.90, 0.90]) is None


def test_leaving_the_plateau_upwards_counts_as_well():
    assert converged([0.2, *[0.99] * 4, *[0.95] * 9]) == 50


@pytest.mark.parametrize(
    ("images", "iteration"),
    # Plateau 0.90; two standard errors are 0.06 on 100 images and 0.006 on 10,000.
    [(100, 20), (10_000, 70)],
)
def test_the_level_is_two_standard_errors_where_that_is_more_than_the_tolerance(images, iteration):
    curve = [0.2, 0.6, *[0.86] * 5, *[0.90] * 6]
    assert converged(curve, images=images) == iteration


@pytest.mark.parametrize(("tolerance", "iteration"), [(0.05, 20), (0.03, 70)])
def test_the_tolerance_is_the_level_where_it_is_more_than_the_standard_errors(tolerance, iteration):
    curve = [0.2, 0.6, *[0.86] * 5, *[0.90] * 6]
    assert converged(curve, tolerance=tolerance) == iteration


@pytest.mark.parametrize(("accuracy", "iteration"), [(0.8696, None), (0.93, None), (0.94, 0)])
def test_a_plateau_below_halfway_from_the_trivial_answer_to_one_is_a_collapse(accuracy, iteration):
    # The floor above 0.8696 lies at 0.9348.
    assert converged([accuracy] * 10, trivial=0.8696) == iteration


def test_a_plateau_on_the_floor_itself_is_no_collapse():
    assert converged([0.75] * 10, trivial=0.5) == 0


def test_a_run_that_learned_and_then_collapsed_has_not_converged():
    assert converged([0.2, *[0.99] * 6, *[0.5] * 8]) is None


def test_a_curve_that_still_rises_has_not_converged():
    assert converged([0.50, 0.60, 0.70, 0.75, 0.80, 0.85, 0.90, 0.95]) is None


def test_a_slow_rise_within_the_level_all_along_is_still_a_rise():
    # Over the last 4 the smoothed curve goes from 0.90 to 0.94; every point of the last 4 lies
    # within 0.03 of their median, so only the rule on the rise can tell.
    curve = [*[0.90] * 6, 0.91, 0.92, 0.93, 0.94]
    assert converged(curve, patience=4, tolerance=0.03) is None
    assert converged(curve, patience=4, tolerance=0.05) == 0


def test_a_rise_that_ended_before_the_last_evaluations_does_not_count():
    curve = [0.50, 0.60, 0.70, 0.80, 0.90, *[0.95] * 8]
    assert converged(curve, patience=5) == 50


def test_the_plateau_is_the_median_of_the_last_evaluations_only():
    curve = [0.2, *[0.90] * 6, *[0.96] * 5]
    assert converged(curve, patience=4) == 70


@pytest.mark.parametrize(("evaluations", "iteration"), [(5, None), (6, 0)])
def test_too_few_evaluations_show_no_plateau(evaluations, iteration):
    assert converged([0.99] * evaluations, patience=5) == iteration


def test_the_iteration_is_read_from_where_the_run_was_evaluated():
    iterations = [0, 5, 10, 50, 100, 500, 1000, 1001, 1002]
    curve = [0.1, 0.2, 0.3, 0.4, *[0.99] * 5]
    assert convergence_iteration(iterations, curve, images=MANY, trivial=0.5, patience=4) == 100


def test_no_evaluations_are_no_convergence():
    assert converged([]) is None


def test_iterations_and_accuracies_of_different_number_are_refused():
    with pytest.raises(ValueError, match=r"2 iterations.*3 accuracies"):
        convergence_iteration([0, 1], [0.1, 0.2, 0.3], images=10, trivial=0.5)


@pytest.mark.parametrize(
    ("target", "iteration"), [(0.95, 10), (0.96, 10), (0.99, 30), (0.995, None)]
)
def test_the_first_iteration_to_a_target_is_not_smoothed(target, iteration):
    assert first_reaching([0, 10, 20, 30], [0.1, 0.96, 0.94, 0.99], target) == iteration


def test_a_target_wants_an_accuracy_for_each_iteration():
    with pytest.raises(ValueError, match="zip"):
        first_reaching([0, 10], [0.1], 0.95)


def test_one_noisy_last_evaluation_is_smoothed_away():
    assert converged([0.2, *[0.98] * 10, 0.90]) == 10
