"""What a network is worth, against scikit-learn and by hand."""

import json
import math

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    recall_score,
)
from torch import nn

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import to_input
from dagm_transfer.training.judgement import (
    Judged,
    detection_metrics,
    judge_inputs,
    judge_wholes,
    judged_rows,
    with_threshold,
)
from dagm_transfer.training.windows import Windowing


@pytest.fixture
def judged() -> Judged:
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 60)
    predicted = np.where(random.random(60) < 0.7, labels, random.integers(0, 4, 60))
    return Judged(random.normal(size=60) + labels % 2, predicted, labels)


def test_inputs_are_judged_by_the_network_in_evaluation_mode(make_network, make_inputs, cpu):
    network, inputs = make_network(head="fc").train(), make_inputs(3)
    found = judge_inputs(network, inputs, "unit", 5, cpu)
    assert network.training, "judging leaves the mode as it was"
    with torch.inference_mode():
        pixels = torch.from_numpy(inputs.pixels)[:, None]
        logits = network.eval()(to_input(pixels, "unit")).numpy()
    shares = softmax(logits.astype(float), axis=1)
    odds = np.log(shares[:, 1::2].sum(axis=1) / shares[:, 0::2].sum(axis=1))
    np.testing.assert_allclose(found.scores, odds, atol=1e-5)
    assert found.predicted.tolist() == logits.argmax(1).tolist()
    assert found.labels.tolist() == inputs.labels.tolist()


def test_the_truth_is_in_the_labels(judged):
    assert judged.defective.dtype == bool
    assert judged.defective.tolist() == [label in (1, 3) for label in judged.labels]


class Bright(nn.Module):
    """Texture by the window's darkest pixel, defect by its brightest one."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        darkest, brightest = x.amin(dim=(1, 2, 3)), x.amax(dim=(1, 2, 3))
        bright_texture = (darkest > 0).float() * 1000
        defect = brightest - 100
        return torch.stack(
            [-bright_texture, defect - bright_texture, bright_texture, defect + bright_texture], 1
        )


@pytest.fixture
def wholes() -> Inputs:
    """A bright image with a white speck, a dark one without, a dark one with a grey speck."""
    pixels = np.zeros((3, 64, 64), np.uint8)
    pixels[0] = 140
    pixels[0, 63, 63] = 255
    pixels[2, 5, 40] = 210
    return Inputs(pixels, np.array([3, 0, 1]), ["a", "b", "c"])


@pytest.fixture
def found(wholes, cpu) -> Judged:
    return judge_wholes(
        Bright(),
        wholes,
        Windowing(size=32, stride=32, scale="bytes", batch_size=3),
        cpu,
        lambda *_: None,
    )


def test_a_defect_in_one_window_decides_over_the_whole_image(found):
    assert found.scores.argsort().tolist() == [1, 2, 0]
    blue_mean = 0.40784 * 255  # the colour that leaves the most
    expected = np.array([255, 210]) - blue_mean - 100
    np.testing.assert_allclose(found.scores[[0, 2]], expected, atol=1e-3)


def test_whole_images_get_their_texture_but_no_defect_before_a_threshold(found):
    assert found.predicted.tolist() == [2, 0, 0]


def test_a_threshold_sets_the_defect_and_keeps_the_texture(found):
    between = float(np.mean(found.scores[[0, 2]]))
    assert with_threshold(found, between).predicted.tolist() == [3, 0, 0]
    assert with_threshold(found, float(found.scores[2])).predicted.tolist() == [3, 0, 1]


def test_a_second_threshold_takes_the_place_of_the_first(found):
    everything, nothing = float(found.scores.min()), float(found.scores.max()) + 1
    assert with_threshold(found, everything).predicted.tolist() == [3, 1, 1]
    again = with_threshold(with_threshold(found, everything), nothing)
    assert again.predicted.tolist() == [2, 0, 0]


def test_detection_metrics_are_scikit_learns(judged):
    metrics = detection_metrics("test", judged, 0.5)
    defective, alarms = judged.labels % 2 == 1, judged.scores >= 0.5
    assert metrics == pytest.approx(
        {
            "test/accuracy": accuracy_score(judged.labels, judged.predicted),
            "test/balanced_accuracy": balanced_accuracy_score(judged.labels, judged.predicted),
            "test/defect_tpr": recall_score(defective, alarms),
            "test/defect_tnr": recall_score(~defective, ~alarms),
            "test/defect_ap": average_precision_score(defective, judged.scores),
            "test/dagm_cost": 20 * (defective & ~alarms).sum() + (~defective & alarms).sum(),
            "test/threshold": 0.5,
        }
    )


@pytest.mark.parametrize(
    ("label", "missing"), [(0, {"image/defect_tpr", "image/defect_ap"}), (1, {"image/defect_tnr"})]
)
def test_rates_of_which_there_are_no_images_are_left_out(judged, label, missing):
    whole = set(detection_metrics("image", judged, 0.0))
    one_sided = Judged(judged.scores, judged.predicted, np.full(60, label))
    assert whole - set(detection_metrics("image", one_sided, 0.0)) == missing


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e38])
def test_a_diverged_network_is_judged_in_finite_numbers(make_network, make_inputs, cpu, value):
    network = make_network()
    with torch.no_grad():
        network.head[-1].weight.fill_(value)
    found = judge_inputs(network, make_inputs(3), "unit", 4, cpu)
    assert np.isfinite(found.scores).all()
    metrics = detection_metrics("test", found, 0.0)
    assert all(map(math.isfinite, metrics.values()))
    rows = list(judged_rows(list("abcdefghijkl"), found))
    json.dumps([metrics, rows], allow_nan=False)


def test_a_score_that_is_not_a_number_ranks_as_normal(make_network, make_inputs, cpu):
    network = make_network()
    with torch.no_grad():
        network.head[-1].bias.fill_(math.nan)
    found = judge_inputs(network, make_inputs(1), "unit", 4, cpu)
    assert (found.scores < -1e38).all()


def test_each_judged_image_is_a_row(found, wholes):
    rows = list(judged_rows(wholes.images, with_threshold(found, 40.0)))
    assert [(row["image"], row["label"], row["judged"]) for row in rows] == [
        ("a", 3, 3),
        ("b", 0, 0),
        ("c", 1, 0),
    ]
    assert [row["score"] for row in rows] == found.scores.tolist()


def test_rows_want_an_image_each(found):
    with pytest.raises(ValueError, match="zip"):
        list(judged_rows(["a"], found))
