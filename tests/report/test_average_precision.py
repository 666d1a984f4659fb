"""Which variant is ahead by average precision, and how sure that is."""

import re

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dagm_transfer.metrics.intervals import mean_interval
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.tables.average_precision import ahead, precision_interval


def results_of(project):
    return gather(project.keys, project.root)


def ends(sentence: str) -> tuple[float, float]:
    low, high = re.search(r"is ([+-][\d.]+) to ([+-][\d.]+)\.", sentence).groups()
    return float(low), float(high)


def precision(run, kind="image"):
    judged = run.judged[kind]
    return average_precision_score(judged.defective, judged.scores)


def test_the_better_one_is_named_first_whatever_it_is_called(project, sketches):
    project.add("good", 0, sketches["finetune"])
    project.add("poor", 0, sketches["scratch"])
    results = results_of(project)
    said = ahead(results, "image", "image")
    good, poor = (precision(results[name][0]) for name in ("good", "poor"))
    assert good > poor
    assert f"good is ahead with {good:.3f}; next is poor with {poor:.3f}" in said
    low, high = ends(said)
    assert low <= good - poor <= high
    assert ("is sure" in said) == (low > 0)


def test_a_variant_and_its_equal_are_level(project, sketches):
    for name in ("alike", "equal"):  # names as long: the same draws
        project.add(name, 0, sketches["frozen"])
    said = ahead(results_of(project), "patch", "test")
    assert re.fullmatch(
        r"By average precision on the test patches alike and equal are level at \d\.\d{3}\.", said
    )


def test_over_seeds_the_lead_is_students_of_the_differences(project, sketches):
    for seed in range(3):
        project.add("frozen", seed, sketches["frozen"])
        project.add("scratch", seed, sketches["scratch"])
    results = results_of(project)
    pairs = zip(results["frozen"], results["scratch"], strict=True)
    low, high = mean_interval([precision(one) - precision(other) for one, other in pairs])
    said = ahead(results, "image", "image")
    assert "over 3 seeds" in said
    assert ends(said) == pytest.approx((low, high), abs=0.0006)


def test_one_variant_is_ahead_of_nothing(project, sketches):
    project.add("alone", 0, sketches["finetune"])
    assert ahead(results_of(project), "image", "image") == ""


def test_the_interval_of_one_seed_is_over_images_and_holds_what_was_measured(project, sketches):
    project.add("frozen", 0, sketches["frozen"])
    (run,) = results_of(project)["frozen"]
    low, high = precision_interval([run], "image", "image")
    assert 0 < low <= precision(run) <= high <= 1
    assert high > low
    assert np.isfinite([low, high]).all()
