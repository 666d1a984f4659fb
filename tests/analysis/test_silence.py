"""Silent channels by every definition: against the responses themselves."""

import math

import numpy as np
import pytest
import torch
from small import small_inputs, small_network

from dagm_transfer.analysis.silence import silence
from dagm_transfer.models.initial import to_input

CPU = torch.device("cpu")


@pytest.fixture
def network():
    """Two channels of the fourth convolution respond to nothing."""
    made = small_network()
    with torch.no_grad():
        made.conv(4).weight[[0, 3]] = 0
        made.conv(4).bias[[0, 3]] = -1.0
    return made


def test_every_share_is_that_of_the_responses(network):
    inputs = small_inputs(5)
    found = silence(network, inputs, [4, 13], scale="unit", device=CPU)
    assert found.keys() == {4, 13}
    with torch.inference_mode():
        seen = to_input(torch.from_numpy(inputs.pixels.copy())[:, None], "unit")
        outputs = {depth: out.numpy().copy() for depth, out in network.activations(seen)}
    for depth, told in found.items():
        out = outputs[depth]
        largest = out.max(axis=(0, 2, 3))
        assert told["dead"] == np.mean(largest <= 0)
        assert told["below_1_percent"] == np.mean(largest <= 0.01 * largest.max())
        assert told["inactive"] == pytest.approx(np.mean(out.max(axis=(2, 3)) <= 0))
        assert told["zero"] == pytest.approx(np.mean(out == 0), abs=1e-3)
        assert told["dead"] <= told["dead_over_10"] <= told["inactive"]
        assert math.isnan(told["dead_over_100"]), "there are twenty inputs"
    assert found[4]["dead"] >= 2 / outputs[4].shape[1]


def test_a_depth_that_is_not_finite_has_no_sparsity(network):
    with torch.no_grad():
        network.conv(9).bias[0] = math.nan
    assert silence(network, small_inputs(5), [4, 13], scale="unit", device=CPU).keys() == {4}
