"""What a threshold gives, counted image by image; and what is read of a judged run."""

import numpy as np
import pytest
from judged import GROUPS, drawn, judge_settings, write_judged

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.inspection.thresholds.operating_point import (
    Outcome,
    operating_point,
    outcome,
    part_outcome,
    read_judged_run,
)
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.threshold_rule import LEAST_COST, ThresholdRule
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import wilson_interval

KEY, COSTS = "finetune-s0", Costs(20, 1)


@pytest.fixture
def run(tmp_path):
    """Two groups whose defects overlap with the normals; patches lie in the table as well."""
    write_judged(tmp_path, drawn(20, 8, 1.5, seed=1), drawn(30, 12, 1.5, seed=2))
    return read_judged_run(KEY, tmp_path)


def counted(root, part, threshold, labels):
    """Defects, misses, normals and false alarms, row by row of the table."""
    rows = [
        row
        for row in read_csv(root / JudgingPaths(KEY).table)
        if (row["part"], row["kind"]) == (part, "image") and int(row["label"]) in labels
    ]
    below = [(int(row["label"]) % 2, float(row["score"]) < threshold) for row in rows]
    kinds = ((1, True), (1, False), (0, True), (0, False))
    misses, found, passed, alarms = (below.count(kind) for kind in kinds)
    return Outcome(misses + found, misses, passed + alarms, alarms, 20.0 * misses + alarms)


@pytest.mark.parametrize("limit", [None, 0.0, 0.1])
@pytest.mark.parametrize("part", ["val", "test"])
def test_every_outcome_is_the_tables_rows_counted(run, tmp_path, part, limit):
    point = operating_point(run, ThresholdRule(false_alarm_limit=limit), COSTS)
    found = getattr(point, part)
    assert found.overall == counted(tmp_path, part, point.threshold, range(4))
    assert found.groups == {
        name: counted(tmp_path, part, point.threshold, (2 * place, 2 * place + 1))
        for place, name in enumerate(GROUPS)
    }
    assert found.overall.cost == sum(group.cost for group in found.groups.values())


def test_a_threshold_is_set_on_validation_and_test_has_no_say(tmp_path):
    val = drawn(20, 8, 1.5, seed=1)
    for key, test in (("a-s0", drawn(5, 5, 9, seed=2)), ("b-s0", drawn(5, 5, -9, seed=3))):
        write_judged(tmp_path, val, test, key=key)
    first, second = (
        operating_point(read_judged_run(key, tmp_path), LEAST_COST, COSTS)
        for key in ("a-s0", "b-s0")
    )
    assert (first.threshold, first.val) == (second.threshold, second.val)
    assert first.test != second.test


def test_costs_choose_between_misses_and_false_alarms(run):
    dear = operating_point(run, LEAST_COST, Costs(1000, 1)).val.overall
    cheap = operating_point(run, LEAST_COST, Costs(1, 1000)).val.overall
    assert (dear.misses, cheap.false_alarms) == (0, 0)
    assert dear.false_alarms > 0
    assert cheap.misses > 0


def test_intervals_are_wilsons_and_none_where_there_is_no_image(run):
    found = part_outcome(run.wholes("test"), run.groups, 1.0, COSTS).overall
    assert found.found_interval == wilson_interval(found.defects - found.misses, found.defects)
    assert found.false_alarm_interval == wilson_interval(found.false_alarms, found.normals)
    scores, all_of_them = np.array([0.0, 1.0]), np.array([True, True])
    assert outcome(scores, ~all_of_them, 0.5, COSTS).found_interval is None
    assert outcome(scores, all_of_them, 0.5, COSTS).false_alarm_interval is None


def test_a_run_says_how_it_was_judged(tmp_path):
    settings = judge_settings(false_alarm_limit=0.1)
    images = {"train": 9, "val": 500, "test": 900}
    write_judged(tmp_path, drawn(20, 8, 2), drawn(2, 2, 2), images=images, settings=settings)
    run = read_judged_run(KEY, tmp_path)
    assert (run.settings, run.images) == (settings, images)
    assert (
        run.threshold == operating_point(run, ThresholdRule(false_alarm_limit=0.1), COSTS).threshold
    )


def test_a_run_that_was_not_judged_is_named_with_those_that_were(tmp_path):
    with pytest.raises(UserError, match=r"finetune-s0.csv: not there; `dvc repro` judges the runs"):
        read_judged_run(KEY, tmp_path)
    for key in ("b-s0", "a-s1"):
        write_judged(tmp_path, drawn(2, 2, 2), drawn(2, 2, 2), key=key)
    (tmp_path / "reports/judged/a-s1-windows.csv").touch()
    with pytest.raises(UserError, match=r"not there; judged are a-s1, b-s0$"):
        read_judged_run(KEY, tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("finetune-s0.csv", "part,kind", "piece,kind"),
        ("finetune-s0.csv", "score", "points"),
        ("finetune-s0.jsonl", '"false_alarm_limit": null, ', ""),
        ("finetune-s0.jsonl", '"images"', '"counts"'),
    ],
)
def test_what_an_earlier_release_judged_is_to_be_judged_again(tmp_path, file, old, new):
    write_judged(tmp_path, drawn(2, 2, 2), drawn(2, 2, 2))
    path = tmp_path / "reports" / "judged" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UserError, match=r"of an earlier release; `dvc repro` judges again"):
        read_judged_run(KEY, tmp_path)
