"""Where the page's numbers come from, against counting one by one."""

from dataclasses import replace

import numpy as np
import pytest

from dagm_transfer.judging.threshold_rule import ThresholdRule
from dagm_transfer.metrics.cost_intervals import cost_interval
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import wilson_interval
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.quality.inspected import inspection_of
from dagm_transfer.report.quality.moved import bought, course_of, span_of
from dagm_transfer.report.quality.picked import errors_worst_first, found_by_group, nearest_passed


@pytest.fixture
def inspection(project):
    key = project.add_usual("frozen")
    (run,) = gather(project.keys, project.root)["frozen"]
    assert run.begin.key == key
    return inspection_of(run)


def test_an_inspection_counts_what_its_run_was_judged_to_be(inspection):
    test = inspection.test
    np.testing.assert_array_equal(inspection.called, test.at_threshold % 2 == 1)
    metrics = inspection.run.metrics
    assert inspection.tested.cost == metrics["image/dagm_cost"]
    assert inspection.threshold == metrics["image/threshold"]


def test_the_course_is_what_every_threshold_would_give(inspection):
    test, span = inspection.test, span_of(inspection)
    course = course_of(inspection, test, span)
    assert span[0] < inspection.threshold < span[1]
    for place, (low, high) in enumerate(
        zip(course.thresholds, course.thresholds[1:], strict=False)
    ):
        for threshold in (np.nextafter(low, high), (low + high) / 2, high):
            called = test.scores >= threshold
            missed = float((~called & test.defective).sum())
            rejected = float((called & ~test.defective).sum())
            assert course.missed[place] == missed / test.defective.sum()
            assert course.rejected[place] == rejected / (~test.defective).sum()
            assert course.cost[place] == pytest.approx(100 * (20 * missed + rejected) / 39)


def test_the_span_holds_every_error(inspection):
    low, high = span_of(inspection)
    scores = inspection.test.scores
    assert (scores[inspection.test.defective] > low).all()
    assert (scores[~inspection.test.defective] < high).all()


def test_worst_first_is_by_kind_and_distance(inspection):
    test, wrong = inspection.test, errors_worst_first(inspection)
    assert sorted(wrong) == np.flatnonzero(inspection.called != test.defective).tolist()
    off = [(test.defective[p], abs(test.scores[p] - inspection.threshold)) for p in wrong]
    assert off == sorted(off, reverse=True)


def test_the_found_defect_of_a_group_has_its_middle_score(inspection):
    test = inspection.test
    for place in found_by_group(inspection, ["a", "b", "c"]):
        own = (test.labels == test.labels[place]) & inspection.called
        below = (test.scores[own] < test.scores[place]).sum()
        assert below == (own.sum() - 1) // 2


def test_nearest_passed_are_good_and_below(inspection):
    places = nearest_passed(inspection, 4)
    scores = inspection.test.scores[places]
    assert (np.diff(scores) <= 0).all()
    assert (scores < inspection.threshold).all()
    assert not inspection.test.defective[places].any()


def test_nothing_to_buy_where_nothing_is_wrong(inspection):
    sure = np.where(inspection.test.defective, 3.0, -9.0)
    right = replace(inspection, test=replace(inspection.test, scores=sure))
    assert bought(right) == ["The threshold lies at -1.00, and no test image is on its wrong side."]


def test_the_rule_that_set_the_threshold_is_named(project_of):
    limited = project_of(false_alarm_limit=0.005)
    limited.add_usual("frozen")
    (run,) = gather(limited.keys, limited.root)["frozen"]
    assert inspection_of(run).rule == ThresholdRule(false_alarm_limit=0.005)


def test_a_cost_of_misses_alone_has_the_interval_of_their_rate():
    low, high = wilson_interval(3, 12)
    assert cost_interval(3, 12, 0, 0, Costs(20, 1)) == pytest.approx((240 * low, 240 * high))


def test_a_cost_without_errors_has_a_width_and_no_negative_end():
    low, high = cost_interval(0, 12, 0, 100, Costs(20, 1))
    assert low == 0.0
    assert high > 20 * 12 * wilson_interval(0, 12)[1]


@pytest.mark.parametrize(("miss", "alarm"), [(0.1, 0.05), (0.02, 0.02), (0.3, 0.01)])
def test_an_interval_of_a_cost_holds_the_true_one_about_as_often_as_it_says(miss, alarm):
    random, costs, true = np.random.default_rng(0), Costs(20, 1), 20 * 40 * miss + 200 * alarm
    held = 0
    for misses, alarms in zip(
        random.binomial(40, miss, 400).tolist(), random.binomial(200, alarm, 400).tolist(),
        strict=True,
    ):  # fmt: skip
        low, high = cost_interval(misses, 40, alarms, 200, costs)
        held += low <= true <= high
    assert 0.92 <= held / 400 <= 1.0
