"""Rates, cost, average precision and the threshold, against independent computations."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import average_precision_score, confusion_matrix

from dagm_transfer.metrics.detection import (
    Costs,
    average_precision,
    cost_of,
    defect_score,
    least_cost_threshold,
    limited_threshold,
    rates,
)

DAGM = Costs(miss=20, false_alarm=1)
repeatable = settings(derandomize=True, deadline=None)


def cost_at(scores, defective, threshold, costs=DAGM):
    """The cost, image by image."""
    cost = 0
    for score, defect in zip(scores, defective, strict=True):
        if defect and score < threshold:
            cost += costs.miss
        if not defect and score >= threshold:
            cost += costs.false_alarm
    return cost


def least_cost(scores, defective, costs=DAGM):
    """The least cost of any threshold: only the order of the scores matters."""
    return min(cost_at(scores, defective, t, costs) for t in [*scores, np.inf])


@pytest.fixture(params=range(20))
def drawn(request) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping scores with ties, and the truth."""
    random = np.random.default_rng(request.param)
    defective = random.random(40) < 0.3
    scores = np.round(random.normal(size=40) + 1.5 * defective, 1)
    return scores, defective


def test_score_is_the_log_odds_of_all_defective_labels():
    logits = np.random.default_rng(0).normal(size=(50, 12))
    shares = softmax(logits, axis=1)
    expected = np.log(shares[:, 1::2].sum(axis=1) / shares[:, 0::2].sum(axis=1))
    assert defect_score(logits) == pytest.approx(expected)


def test_score_does_not_saturate():
    # A softmax calls both exactly 1.
    first, second = defect_score(np.array([[0.0, 900.0], [0.0, 1000.0]]))
    assert (first, second) == (900, 1000)


def test_rates_are_those_of_the_confusion_matrix(drawn):
    scores, defective = drawn
    found = rates(scores >= 0.5, defective)
    (tn, fp), (fn, tp) = confusion_matrix(defective, scores >= 0.5, labels=[False, True])
    assert found.defect_tpr == pytest.approx(tp / (tp + fn))
    assert found.defect_tnr == pytest.approx(tn / (tn + fp))


@pytest.mark.parametrize("costs", [DAGM, Costs(1, 1), Costs(0.5, 3.25)])
def test_the_cost_is_that_of_each_image_added_up(drawn, costs):
    scores, defective = drawn
    expected = cost_at(scores, defective, 0.5, costs)
    assert cost_of(scores >= 0.5, defective, costs) == pytest.approx(expected)


def test_a_rate_of_no_images_is_not_a_number():
    normal_only = rates(np.array([False, True]), np.array([False, False]))
    assert np.isnan(normal_only.defect_tpr)
    assert normal_only.defect_tnr == 0.5
    defective_only = rates(np.array([False, True]), np.array([True, True]))
    assert np.isnan(defective_only.defect_tnr)
    assert defective_only.defect_tpr == 0.5


@pytest.mark.parametrize("costs", [DAGM, Costs(1, 1), Costs(1, 20), Costs(0.5, 3.25)])
def test_no_threshold_costs_less_than_the_one_found(drawn, costs):
    scores, defective = drawn
    threshold = least_cost_threshold(scores, defective, costs)
    assert cost_at(scores, defective, threshold, costs) == least_cost(scores, defective, costs)
    assert threshold not in scores


@pytest.mark.parametrize("factor", [0.125, 4.0, 1024.0])
def test_only_the_ratio_of_the_costs_sets_the_threshold(drawn, factor):
    scores, defective = drawn
    scaled = Costs(DAGM.miss * factor, DAGM.false_alarm * factor)
    first, second = (least_cost_threshold(scores, defective, costs) for costs in (DAGM, scaled))
    assert first == second


def test_a_miss_weighs_twenty_false_alarms():
    # Catching the defect at 0 costs as many false alarms as there are normal images above it.
    def threshold(normals_above: int) -> float:
        scores = np.array([0.0, *np.linspace(1, 2, normals_above)])
        return least_cost_threshold(scores, np.arange(normals_above + 1) == 0, DAGM)

    assert threshold(19) < 0
    assert threshold(21) > 2


@pytest.mark.parametrize(("lowest", "threshold"), [(0.0, 6.0), (-9.0, -4.0)])
def test_among_gaps_of_equal_cost_the_widest_wins(lowest, threshold):
    # Missing the defect at 1 costs as much as the twenty false alarms at 2: the gaps below 1 and
    # below 10 tie.
    scores = np.array([lowest, 1.0, *[2.0] * 20, 10.0])
    defective = np.array([False, True, *[False] * 20, True])
    assert least_cost_threshold(scores, defective, DAGM) == threshold


def test_the_threshold_lies_above_all_scores_where_there_is_no_defect():
    scores = np.array([-3.0, 0.0, 7.0])
    assert least_cost_threshold(scores, np.zeros(3, dtype=bool), DAGM) > 7


def test_the_threshold_lies_below_all_scores_where_all_are_defective():
    scores = np.array([-3.0, 0.0, 7.0])
    assert least_cost_threshold(scores, np.ones(3, dtype=bool), DAGM) < -3


@pytest.mark.parametrize("score", [0.0, 1e20, -1e20, float(np.finfo(np.float32).min)])
@pytest.mark.parametrize("normals", [3, 30])
def test_the_threshold_holds_where_all_scores_are_equal_however_large(score, normals):
    # A diverged network scores like this.
    scores, defective = np.full(normals + 1, score), np.arange(normals + 1) == 0
    threshold = least_cost_threshold(scores, defective, DAGM)
    assert cost_at(scores, defective, threshold) == least_cost(scores, defective)


def test_no_scores_have_no_threshold():
    with pytest.raises(ValueError, match="no scores"):
        least_cost_threshold(np.array([]), np.array([], dtype=bool), DAGM)


@st.composite
def scored(draw):
    """Scores of few levels, so that they tie, or of any size; and the truth."""
    level = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e38, 1e38))
    images = draw(st.lists(st.tuples(level, st.booleans()), min_size=1, max_size=25))
    scores, defective = zip(*images, strict=True)
    return np.array(scores), np.array(defective)


def alarms(scores, defective, threshold) -> int:
    return sum(s >= threshold for s, defect in zip(scores, defective, strict=True) if not defect)


@repeatable
@given(scored(), st.floats(0, 0.999))
@example((np.arange(100.0), np.zeros(100, dtype=bool)), 0.29)  # 100 * 0.29 is less than 29
@example((np.zeros(3), np.array([False, False, True])), 0.0)
@example((np.array([1.0, np.nextafter(1.0, 2.0)]), np.array([False, True])), 0.0)
def test_no_lower_threshold_keeps_false_alarms_within_the_limit(images, limit):
    scores, defective = images
    normals = int((~defective).sum())
    threshold = limited_threshold(scores, defective, limit)
    allowed = max(n for n in range(normals + 1) if n == 0 or n / normals <= limit)
    assert alarms(scores, defective, threshold) <= allowed
    below = [score for score in scores if score < threshold]
    # The next lower score as a threshold is one false alarm too many: so is every lower one.
    assert not below or alarms(scores, defective, max(below)) > allowed


@repeatable
@given(scored(), st.floats(0, 0.999))
def test_no_threshold_within_the_limit_misses_fewer(images, limit):
    scores, defective = images
    normals = max(1, int((~defective).sum()))
    misses = {
        t: int((defective & (scores < t)).sum())
        for t in [*scores, np.inf]
        if alarms(scores, defective, t) / normals <= limit
    }
    threshold = limited_threshold(scores, defective, limit)
    assert int((defective & (scores < threshold)).sum()) == min(misses.values())


@repeatable
@given(scored(), st.floats(0.01, 100), st.floats(0.01, 100))
def test_no_threshold_costs_less_whatever_the_scores(images, miss, false_alarm):
    scores, defective = images
    costs = Costs(miss, false_alarm)
    threshold = least_cost_threshold(scores, defective, costs)
    least = min(cost_of(scores >= t, defective, costs) for t in [*scores, np.inf])
    assert cost_of(scores >= threshold, defective, costs) == pytest.approx(least)


def test_a_limited_threshold_lies_in_the_middle_of_its_gap():
    scores = np.array([-2.0, 0.0, 1.0, 5.0, 8.0])
    defective = np.array([False, True, False, True, False])
    # Of three normals none, one, and two may be false alarms.
    found = [limited_threshold(scores, defective, limit) for limit in (0.0, 0.34, 0.67)]
    assert found == [9.0, 3.0, -1.0]


def test_a_limit_between_two_counts_of_false_alarms_allows_the_lower_one():
    scores, defective = np.arange(10.0), np.zeros(10, dtype=bool)
    counts = [
        alarms(scores, defective, limited_threshold(scores, defective, limit))
        for limit in (0.0, 0.09, 0.1, 0.19, 0.3, 0.999)
    ]
    assert counts == [0, 0, 1, 1, 3, 9]


def test_without_a_normal_image_everything_is_called_defective():
    scores = np.array([-3.0, 7.0])
    assert limited_threshold(scores, np.ones(2, dtype=bool), 0.0) < -3


def test_no_scores_have_no_limited_threshold():
    with pytest.raises(ValueError, match="no scores"):
        limited_threshold(np.array([]), np.array([], dtype=bool), 0.1)


@pytest.mark.parametrize("levels", [1, 2, 5, 1000], ids=lambda n: f"{n} levels")
@pytest.mark.parametrize("seed", range(5))
def test_average_precision_is_scikit_learns(levels, seed):
    random = np.random.default_rng(seed)
    scores = random.integers(levels, size=50).astype(float)
    defective = random.random(50) < 0.3
    peer = average_precision_score(defective, scores)
    assert average_precision(scores, defective) == pytest.approx(peer, abs=1e-12)


def test_average_precision_is_the_mean_precision_at_each_defect():
    scores = np.random.default_rng(0).permutation(50).astype(float)
    defective = np.random.default_rng(1).random(50) < 0.3
    ranked = defective[np.argsort(-scores)]
    precisions = np.cumsum(ranked) / np.arange(1, 51)
    assert average_precision(scores, defective) == pytest.approx(precisions[ranked].mean())


def test_average_precision_without_a_defect_is_not_a_number():
    assert np.isnan(average_precision(np.array([1.0, 2.0]), np.array([False, False])))
