"""Rates, cost, average precision and the threshold, against independent computations."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import average_precision_score, confusion_matrix

from dagm_transfer.metrics.detection import (
    Costs,
    average_precision,
    cost_of,
    defect_score,
    least_cost_threshold,
    rates,
)

DAGM = Costs(miss=20, false_alarm=1)


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
