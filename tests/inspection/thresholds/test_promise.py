"""What is said of too few images: the numbers in it, and when it is said at all."""

import re

import pytest
from judged import drawn, judge_settings, write_judged

from dagm_transfer.inspection.thresholds.operating_point import (
    Outcome,
    operating_point,
    read_judged_run,
)
from dagm_transfer.inspection.thresholds.promise import (
    false_alarm_promise,
    miss_promise,
    promises,
    warnings,
)
from dagm_transfer.judging.settings import Whole
from dagm_transfer.judging.threshold_rule import LEAST_COST, ThresholdRule
from dagm_transfer.metrics.detection import Costs

FAR = 50.0  # between normals and defects: no threshold of least cost errs


def told(root, val, test, limit=None, **written):
    """The run of these images and the operating point of least cost, or within a limit."""
    write_judged(root, val, test, **written)
    run = read_judged_run("finetune-s0", root)
    rule = LEAST_COST if limit is None else ThresholdRule(false_alarm_limit=limit)
    return run, operating_point(run, rule, Costs(20, 1))


def of(defects=0, misses=0, normals=0, false_alarms=0):
    return Outcome(defects, misses, normals, false_alarms, 0.0)


@pytest.mark.parametrize("defects", [3, 12, 59, 299, 2995])
def test_without_a_miss_both_forms_of_the_rule_of_three_stand_there(defects):
    said = miss_promise(of(defects))
    exact, three = (float(n) for n in re.findall(r"([\d.]+) %", said))
    assert exact == pytest.approx(100 * (1 - 0.05 ** (1 / defects)), abs=0.051)
    assert three == pytest.approx(300 / defects, abs=0.051)


def test_with_a_miss_there_is_no_rule_of_three():
    assert "rule of three" not in miss_promise(of(12, misses=1))


@pytest.mark.parametrize("outcome", [of(), of(2), of(1, misses=1)])
def test_hardly_any_image_promises_hardly_anything(outcome):
    assert "rule of three" not in miss_promise(outcome)
    assert ("nothing can be excluded" in miss_promise(outcome)) == (outcome.defects == 0)


def test_false_alarms_are_promised_where_they_were_limited(tmp_path):
    images = drawn(20, 8, FAR)
    said = list(promises(told(tmp_path, images, images)[1]))
    assert [line.partition(":")[0] for line in said] == ["validation", "test"]
    limited = list(promises(told(tmp_path, images, images, limit=0.1)[1]))
    assert len(limited) == 4
    assert sum("false-alarm rate" in line for line in limited) == 2
    assert "0 of 40 normal images rejected" in false_alarm_promise(of(normals=40))


def test_enough_images_of_which_all_were_judged_need_no_warning(tmp_path):
    images = drawn(1600, 150, FAR)
    for limit in (None, 0.001):
        assert not list(warnings(*told(tmp_path, images, images, limit)))


@pytest.mark.parametrize(("defective", "warned"), [(149, True), (150, False)])
def test_299_defects_are_enough_to_promise_less_than_one_per_cent(tmp_path, defective, warned):
    # In two groups: 298 and 300.
    said = " ".join(warnings(*told(tmp_path, drawn(5, 5, FAR), drawn(5, defective, FAR))))
    assert ("299 of them without a miss" in said) == warned
    assert (f"there are 10 on validation, {2 * defective} on test" in said) == warned


def test_a_limit_finer_than_the_images_is_said_to_mean_none(tmp_path):
    images = drawn(50, 5, 1.0)
    fine = " ".join(warnings(*told(tmp_path, images, images, limit=0.009)))
    assert "one false alarm among the 100 normal images of validation is 10.0 in 1,000" in fine
    assert "at most 9 in 1,000 means none" in fine
    assert "that takes 332 without one, and there are 100 on validation, 100 on test" in fine
    coarse = " ".join(warnings(*told(tmp_path, images, images, limit=0.01)))
    assert "already" not in coarse


def test_more_false_alarms_on_test_than_were_asked_for_are_said(tmp_path):
    val = drawn(50, 5, FAR)
    worse = [(0, 900.0), (0, 901.0), *drawn(49, 5, FAR)]
    said = " ".join(warnings(*told(tmp_path, val, worse, limit=0.005)))
    assert "on test 2 of 100 normal images are false alarms, 20.0 in 1,000" in said
    assert "more than the 5 in 1,000 that were asked for" in said
    assert "asked for" not in " ".join(warnings(*told(tmp_path, val, val, limit=0.005)))


def test_how_many_of_the_whole_images_were_judged_is_said_with_the_limits(tmp_path):
    images, whole = drawn(2, 3, FAR), Whole(stride=16, normal=2, defective=0)
    said = " ".join(
        warnings(
            *told(
                tmp_path, images, images, images={"val": 48, "test": 10},
                settings=judge_settings(whole=whole),
            )
        )
    )  # fmt: skip
    assert "judged are 10 of 48 whole images of validation: judge.whole" in said
    assert "asks for at most 2 normal ones a group" in said
    assert "of test:" not in said


@pytest.mark.parametrize(
    ("val", "limit", "said"),
    [
        ([(0, 1.0)], None, "validation has no defective image"),
        ([(1, 1.0)], None, "validation has no normal image"),
        ([(0, 1.0), (1, 0.0)], 0.0, "no defect of validation reaches this threshold"),
        ([(0, 1.0), (1, 0.0)], None, "every normal image of validation is a false alarm"),
    ],
)
def test_a_threshold_that_parts_nothing_is_said_to(tmp_path, val, limit, said):
    found = list(warnings(*told(tmp_path, val, drawn(2, 2, FAR), limit)))
    assert said in found[0]
