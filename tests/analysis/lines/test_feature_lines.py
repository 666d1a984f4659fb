"""Lines through networks of which it is known what they say."""

import math

import numpy as np
import pytest
import torch
from small import SIZE, small_inputs, small_network
from torch import nn

from dagm_transfer.analysis.lines.cut import Cut, cut_behind
from dagm_transfer.analysis.lines.feature_lines import (
    MARGIN,
    PLACES,
    line_logits,
    line_metrics,
    mean_curve,
    mean_metrics,
    responses,
)


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def linear_cut(strength):
    """Logits are the features, times a strength."""
    after = nn.Sequential(nn.Flatten(), nn.Linear(4, 4, bias=False))
    nn.init.eye_(after[1].weight)
    after.requires_grad_(requires_grad=False)
    after[1].weight.mul_(strength)
    return Cut(nn.Sequential(nn.Identity()), after, "bytes")


def unit(place):
    return torch.eye(4)[place].view(4, 1, 1)


@pytest.mark.parametrize("strength", [8.0, 20.0])
def test_logits_that_are_linear_have_a_known_index(strength):
    logits = line_logits(linear_cut(strength), unit(1), unit(3))
    assert logits.shape == (PLACES, 4)
    assert logits[:, 1] == pytest.approx(strength * np.linspace(1, 0, PLACES))
    told = line_metrics(logits, 1, 3)
    assert told["margin"] == pytest.approx(strength)
    assert told["ends_right"] == 1
    # Two labels alone would give ln 2 / strength at margins of `strength` at either end, and two
    # labels more that stand at 0 take a little of it.
    two = line_metrics(logits[:, [1, 3]], 0, 1)
    assert told["coexistence"] < two["coexistence"]
    assert two["coexistence"] == pytest.approx(math.log(2) / strength, rel=0.01)
    assert two["coexistence_at_margin"] == pytest.approx(math.log(2) / MARGIN, rel=0.02)
    assert two["third_labels"] == pytest.approx(0)


def test_at_one_margin_the_strength_of_a_network_does_not_count():
    weak, strong = (
        line_metrics(line_logits(linear_cut(s), unit(1), unit(3)), 1, 3) for s in (4.0, 40.0)
    )
    assert weak["coexistence"] > 5 * strong["coexistence"]
    assert weak["coexistence_at_margin"] == pytest.approx(strong["coexistence_at_margin"])


def test_ends_that_are_misjudged_are_said_to_be():
    told = line_metrics(line_logits(linear_cut(8.0), unit(1), unit(2)), 1, 3)
    assert told["ends_right"] == 0.5


def test_the_line_ends_where_the_inputs_are():
    network, inputs = small_network(), small_inputs(1)
    grey = torch.from_numpy(inputs.pixels)[:, None]
    cut = cut_behind(network, 7, "bytes")
    with torch.no_grad():
        features = cut.features(grey)
        logits = cut.logits(features).double().numpy()
    line = line_logits(cut, features[1], features[3])
    assert line[[0, -1]] == pytest.approx(logits[[1, 3]], abs=1e-4)


def test_means_leave_out_what_has_no_value():
    line = line_logits(linear_cut(8.0), unit(1), unit(3))
    back = line_logits(linear_cut(8.0), unit(3), unit(1))  # its ends are not told apart
    told = mean_metrics([line, back], 1, 3)
    assert told["coexistence_at_margin"] == line_metrics(line, 1, 3)["coexistence_at_margin"]
    assert told["ends_right"] == 0.5
    curve = mean_curve([line, back], 1, 3)
    assert sum(curve[0].values()) == pytest.approx(1)
    assert curve[0]["p_a"] == pytest.approx(curve[-1]["p_a"])


def test_a_network_that_is_not_finite_has_no_numbers():
    told = mean_metrics([np.full((PLACES, 4), np.nan)], 1, 3)
    assert math.isnan(told["coexistence"])
    assert math.isnan(told["coexistence_at_margin"])


def test_responses_are_pooled_outputs_of_the_depths_asked_for():
    network, inputs = small_network(), small_inputs(10)
    grey = torch.from_numpy(inputs.pixels)[:, None]
    found = responses(network, "bytes", grey, [7, 3])
    for depth in (3, 7):
        expected = cut_behind(network, depth, "bytes").features(grey).mean(dim=(2, 3))
        assert found[depth] == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-4)
    assert len(found[3]) == 40 > SIZE
