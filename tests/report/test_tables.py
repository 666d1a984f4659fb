"""The report's numbers, each against what the tables on disk give by plain counting."""

import warnings

import numpy as np
import pytest

from dagm_transfer.core.tables import read_csv
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.metrics.intervals import image_bootstrap_interval, seed_interval, wilson_interval
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.tables.html_tables import (
    LARGEST,
    THRESHOLD,
    TRIVIAL,
    results_table,
    settings_table,
)
from dagm_transfer.report.tables.share_interval import share_interval

AT_THRESHOLD = f"{THRESHOLD} of least cost on validation"


@pytest.fixture
def two_variants(project, sketches):
    """One seed each."""
    for variant in ("scratch", "frozen"):
        project.add(variant, 0, sketches[variant])
    return project


def rows_of(project, key, kind):
    rows = read_csv(project.root / JudgingPaths(key).table)
    return [row for row in rows if (row["part"], row["kind"]) == ("test", kind)]


def table_of(project, kind, prefix):
    return results_table(gather(project.keys, project.root), kind, prefix, "")


def cells(table, variant):
    """The cells of a row by heading and column."""
    row = next(row for row in table.rows if row[0].text == variant)
    return dict(zip(table.columns, row, strict=True))


def shares(rows, column):
    """By counting: accuracy, defects found, normals passed, and the cost."""
    right = sum(row["label"] == row[column] for row in rows) / len(rows)
    called = {d: [int(r[column]) % 2 for r in rows if int(r["label"]) % 2 == d] for d in (0, 1)}
    misses, alarms = called[1].count(0), called[0].count(1)
    return (right, 1 - misses / len(called[1]), 1 - alarms / len(called[0]), 20 * misses + alarms)


@pytest.mark.parametrize(("kind", "prefix"), [("patch", "test"), ("image", "image")])
@pytest.mark.parametrize("variant", ["scratch", "frozen"])
def test_each_way_of_judging_has_its_own_numbers(two_variants, kind, prefix, variant):
    rows = rows_of(two_variants, f"{variant}-s0", kind)
    found = cells(table_of(two_variants, kind, prefix), variant)
    accuracy, tpr, tnr, _ = shares(rows, "judged")
    assert found[LARGEST, "accuracy"].text == f"{100 * accuracy:.1f} %"
    assert found[LARGEST, "defects found"].text == f"{100 * tpr:.1f} %"
    assert found[LARGEST, "normals passed"].text == f"{100 * tnr:.1f} %"
    _, tpr_at, tnr_at, cost = shares(rows, "judged_at_threshold")
    assert found[AT_THRESHOLD, "defects found"].text == f"{100 * tpr_at:.1f} %"
    assert found[AT_THRESHOLD, "normals passed"].text == f"{100 * tnr_at:.1f} %"
    assert found[AT_THRESHOLD, "cost"].text == str(cost)
    assert (tpr, tnr) != (tpr_at, tnr_at), "the two ways must differ for this to show anything"


@pytest.mark.parametrize("variant", ["scratch", "frozen"])
def test_balanced_accuracy_and_average_precision(two_variants, variant):
    rows = rows_of(two_variants, f"{variant}-s0", "image")
    found = cells(table_of(two_variants, "image", "image"), variant)
    of_labels = [
        np.mean([row["judged"] == label for row in rows if row["label"] == label])
        for label in sorted({row["label"] for row in rows})
    ]
    assert found[LARGEST, "balanced accuracy"].text == f"{100 * np.mean(of_labels):.1f} %"
    ranked = sorted(rows, key=lambda row: -float(row["score"]))
    hits = [int(row["label"]) % 2 for row in ranked]
    precisions = [sum(hits[: n + 1]) / (n + 1) for n, hit in enumerate(hits) if hit]
    assert found["over all thresholds", "average precision"].text == f"{np.mean(precisions):.3f}"


@pytest.mark.parametrize(("kind", "prefix"), [("patch", "test"), ("image", "image")])
def test_the_trivial_answer(two_variants, kind, prefix):
    rows = rows_of(two_variants, "scratch-s0", kind)
    found = cells(table_of(two_variants, kind, prefix), TRIVIAL)
    defects = sum(int(row["label"]) % 2 for row in rows)
    normal = f"{100 * (1 - defects / len(rows)):.1f} %"
    assert [cell.text for cell in found.values()] == [
        TRIVIAL, "–", normal, "50.0 %", "0.0 %", "100.0 %", "0.0 %", "100.0 %",
        str(20 * defects), f"{defects / len(rows):.3f}",
    ]  # fmt: skip


def interval_of(cell):
    return tuple(float(end) for end in cell.note.split("–"))


def rounded(interval):
    return tuple(round(100 * end, 1) for end in interval)


def test_one_seed_on_patches_has_a_bootstrap_over_images(two_variants):
    rows = rows_of(two_variants, "frozen-s0", "patch")
    found = cells(table_of(two_variants, "patch", "test"), "frozen")
    right = np.array([row["judged"] == row["label"] for row in rows])
    images = [row["image"] for row in rows]
    assert interval_of(found[LARGEST, "accuracy"]) == rounded(
        image_bootstrap_interval(right, images)
    )
    defects = [row for row in rows if int(row["label"]) % 2]
    caught = np.array([int(row["judged_at_threshold"]) % 2 == 1 for row in defects])
    assert interval_of(found[AT_THRESHOLD, "defects found"]) == rounded(
        image_bootstrap_interval(caught, [row["image"] for row in defects])
    )


def test_one_seed_on_whole_images_has_wilsons(two_variants):
    rows = rows_of(two_variants, "frozen-s0", "image")
    found = cells(table_of(two_variants, "image", "image"), "frozen")
    normal = [row for row in rows if int(row["label"]) % 2 == 0]
    passed = sum(int(row["judged"]) % 2 == 0 for row in normal)
    assert interval_of(found[LARGEST, "normals passed"]) == rounded(
        wilson_interval(passed, len(normal))
    )


def test_several_seeds_have_students_over_seeds(project, sketches):
    for seed in range(3):
        project.add("frozen", seed, sketches["frozen"])
    table = table_of(project, "patch", "test")
    each = [
        [row["judged"] == row["label"] for row in rows_of(project, f"frozen-s{seed}", "patch")]
        for seed in range(3)
    ]
    values = [float(np.mean(right)) for right in each]
    cell = cells(table, "frozen")[LARGEST, "accuracy"]
    assert cell.text == f"{100 * np.mean(values):.1f} %"
    images = len({row["image"] for row in rows_of(project, "frozen-s0", "patch")})
    assert interval_of(cell) == rounded(seed_interval(values, images))
    assert "Student's over the seeds" in table.caption


@pytest.mark.parametrize("kind", ["patch", "image"])
@pytest.mark.parametrize("seeds", [1, 3])
def test_no_interval_is_without_width(kind, seeds):
    right, images = np.ones(8, dtype=bool), ["a", "b", "c", "d"] * 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        low, high = share_interval([1.0] * seeds, right, images, kind)
    assert low < high == 1.0


def test_where_all_seeds_agree_images_are_counted_and_not_patches():
    right, images = np.ones(8, dtype=bool), ["a", "b", "c", "d"] * 2
    assert share_interval([1.0] * 3, right, images, "patch") == wilson_interval(4, 4)


def test_the_ways_of_judging_stand_under_headings_of_their_own(two_variants):
    table = table_of(two_variants, "image", "image")
    assert [(heading, len(names)) for heading, names in table.headings] == [
        ("", 2), (LARGEST, 4), (AT_THRESHOLD, 3), ("over all thresholds", 1),
    ]  # fmt: skip


def test_settings_name_every_phase(project, sketches):
    project.add("frozen", 0, sketches["frozen"])
    results = gather(project.keys, project.root)
    (phase,) = results["frozen"][0].begin.params["variant"]["phases"]
    results["frozen"][0].begin.params["variant"]["phases"].append({**phase, "trainable_from": 1})
    found = cells(settings_table(results, ""), "frozen")
    assert found["phases", "from depth"].text == "14\n1"
    assert found["", "augment"].text == "false"
