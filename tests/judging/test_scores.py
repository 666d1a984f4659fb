"""What images were judged to be, against scikit-learn and by hand; numpy over any callable."""

import json
import math

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    recall_score,
)

from dagm_transfer.judging.scores import (
    Judged,
    detection_metrics,
    judge_images,
    judge_inputs,
    judged_rows,
)
from dagm_transfer.metrics.detection import Costs

COSTS = Costs(20, 1)


@pytest.fixture
def judged() -> Judged:
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 60)
    predicted = np.where(random.random(60) < 0.7, labels, random.integers(0, 4, 60))
    scores = random.normal(size=60) + labels % 2
    return Judged([f"{n}.png" for n in range(60)], labels, predicted, scores)


def random_logits(pixels: np.ndarray) -> np.ndarray:
    """Four logits an image that depend on nothing but its pixels."""
    weights = np.random.default_rng(1).normal(size=(pixels[0].size, 4)) / 300
    return pixels.reshape(len(pixels), -1).astype(float) @ weights


def test_inputs_are_judged_by_their_logits():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 8, 8), dtype=np.uint8)
    found = judge_inputs(random_logits, pixels, np.arange(9) % 4, list("abcdefghi"))
    shares = softmax(random_logits(pixels), axis=1)
    odds = np.log(shares[:, 1::2].sum(axis=1) / shares[:, 0::2].sum(axis=1))
    np.testing.assert_allclose(found.scores, odds)
    assert found.predicted.tolist() == shares.argmax(1).tolist()
    assert found.defective.tolist() == [label in (1, 3) for label in found.labels]


def bright(windows: np.ndarray) -> np.ndarray:
    """Group by the window's darkest pixel, defect by its brightest one."""
    darkest, brightest = windows.min(axis=(1, 2)), windows.max(axis=(1, 2)).astype(float)
    group = np.where(darkest > 0, 1000.0, 0.0)
    defect = brightest - 200
    return np.stack([-group, defect - group, group, defect + group], axis=1)


@pytest.fixture
def found() -> Judged:
    """A bright image with a white speck, a dark one without, a dark, larger one with a grey one."""
    first, second, third = (np.zeros(shape, np.uint8) for shape in ((64, 64), (64, 64), (70, 90)))
    first[:] = 140
    first[63, 63] = 255
    third[5, 40] = 180
    return judge_images(
        bright, iter([first, second, third]), np.array([3, 0, 1]), list("abc"), size=32, stride=32
    )


def test_a_defect_in_one_window_decides_over_the_whole_image(found):
    np.testing.assert_allclose(found.scores, [255 - 200, -200, 180 - 200], atol=1e-6)


def test_at_the_largest_logit_an_image_is_defective_where_a_window_is(found):
    assert found.predicted.tolist() == [3, 0, 0]


def test_a_threshold_sets_the_defect_and_keeps_the_group(found):
    assert found.predicted_at(100.0).tolist() == [2, 0, 0]
    assert found.predicted_at(-20.0).tolist() == [3, 0, 1]
    assert found.predicted_at(-300.0).tolist() == [3, 1, 1]


def test_detection_metrics_are_scikit_learns(judged):
    metrics = detection_metrics("test", judged, 0.5, COSTS)
    defective, alarms = judged.labels % 2 == 1, judged.scores >= 0.5
    largest, at_threshold = judged.predicted, judged.predicted // 2 * 2 + alarms
    assert metrics == pytest.approx(
        {
            "test/accuracy": accuracy_score(judged.labels, largest),
            "test/balanced_accuracy": balanced_accuracy_score(judged.labels, largest),
            "test/defect_tpr": recall_score(defective, largest % 2 == 1),
            "test/defect_tnr": recall_score(~defective, largest % 2 == 0),
            "test/accuracy_at_threshold": accuracy_score(judged.labels, at_threshold),
            "test/balanced_accuracy_at_threshold": balanced_accuracy_score(
                judged.labels, at_threshold
            ),
            "test/defect_tpr_at_threshold": recall_score(defective, alarms),
            "test/defect_tnr_at_threshold": recall_score(~defective, ~alarms),
            "test/defect_ap": average_precision_score(defective, judged.scores),
            "test/dagm_cost": 20 * (defective & ~alarms).sum() + (~defective & alarms).sum(),
            "test/threshold": 0.5,
        }
    )


def test_rates_at_the_largest_logit_hang_on_no_threshold(judged):
    low, high = (detection_metrics("test", judged, t, COSTS) for t in (-9.0, 9.0))
    for name in ("accuracy", "balanced_accuracy", "defect_tpr", "defect_tnr", "defect_ap"):
        assert low[f"test/{name}"] == high[f"test/{name}"]
    assert low["test/defect_tpr_at_threshold"] == 1 > high["test/defect_tpr_at_threshold"]


def test_costs_are_those_that_were_asked_for(judged):
    one, other = (
        detection_metrics("test", judged, 0.5, costs)["test/dagm_cost"]
        for costs in (Costs(1, 0), Costs(0, 1))
    )
    assert detection_metrics("test", judged, 0.5, Costs(3, 5))["test/dagm_cost"] == pytest.approx(
        3 * one + 5 * other
    )


@pytest.mark.parametrize(("label", "missing"), [(0, {"tpr", "ap"}), (1, {"tnr"})])
def test_rates_of_which_there_are_no_images_are_left_out(judged, label, missing):
    whole = set(detection_metrics("image", judged, 0.0, COSTS))
    one_sided = Judged(judged.images, np.full(60, label), judged.predicted, judged.scores)
    left_out = whole - set(detection_metrics("image", one_sided, 0.0, COSTS))
    names = {f"image/defect_{name}{end}" for name in missing for end in ("", "_at_threshold")}
    assert left_out == names & whole


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
def test_a_diverged_network_is_judged_in_finite_numbers(value):
    def logits(pixels):
        return np.full((len(pixels), 4), value)

    pixels = np.zeros((12, 8, 8), np.uint8)
    with np.errstate(invalid="ignore"):
        found = judge_inputs(logits, pixels, np.arange(12) % 4, list("abcdefghijkl"))
    assert np.isfinite(found.scores).all()
    metrics = detection_metrics("test", found, 0.0, COSTS)
    json.dumps([metrics, list(judged_rows("test", "patch", found, 0.0))], allow_nan=False)


def test_a_score_that_is_not_a_number_ranks_as_normal():
    def logits(pixels):
        return np.full((len(pixels), 4), math.nan)

    found = judge_inputs(logits, np.zeros((2, 8, 8), np.uint8), np.zeros(2, int), ["a", "b"])
    assert (found.scores < -1e38).all()


def test_each_judged_image_is_a_row_with_both_verdicts(found):
    rows = list(judged_rows("test", "image", found, -20.0))
    assert [(r["kind"], r["image"], r["label"], r["judged"]) for r in rows] == [
        ("image", "a", 3, 3),
        ("image", "b", 0, 0),
        ("image", "c", 1, 0),
    ]
    assert [row["judged_at_threshold"] for row in rows] == [3, 0, 1]
    assert [row["score"] for row in rows] == found.scores.tolist()
