"""What is measured in one streamed pass, against all activations at once."""

import numpy as np
import pytest
import torch
from small import small_inputs, small_network

from dagm_transfer.analysis.layers import grouped, response_metrics, weight_metrics
from dagm_transfer.analysis.meters.channel_maxima import ChannelMaxima
from dagm_transfer.analysis.meters.meter import stream
from dagm_transfer.models.initial import to_input
from dagm_transfer.models.vgg16 import DEPTHS, NAMES, layer_key

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def activations(network, inputs):
    """All of them, [N, C, H, W] by depth."""
    images = to_input(torch.from_numpy(inputs.pixels)[:, None], "unit")
    with torch.inference_mode():
        return {depth: out.clone() for depth, out in network.eval().activations(images)}


def measured(network, inputs, meters, batch_size=5, on_batch=lambda *_: None):
    return stream(
        network, inputs, meters, scale="unit", batch_size=batch_size, device=CPU, on_batch=on_batch
    )


class Count:
    """How many inputs of each label passed each depth."""

    def __init__(self):
        self.seen = torch.zeros(len(DEPTHS), 4)

    def update(self, depth, output, labels):
        assert len(output) == len(labels)
        for label in labels:
            self.seen[depth - 1, label] += 1

    def result(self):
        return {"seen": self.seen}


@pytest.mark.parametrize("batch_size", [1, 5, 12, 50])
def test_every_meter_sees_every_input_once_at_every_depth(batch_size):
    found = measured(
        small_network(), small_inputs(3), {"count": Count(), "maxima": ChannelMaxima()}, batch_size
    )
    assert torch.equal(found["count/seen"], torch.full((13, 4), 3.0))
    assert {len(found[f"maxima/{layer_key(depth)}"]) for depth in DEPTHS} == {12}


@pytest.mark.parametrize("batch_size", [1, 5, 50])
def test_channel_maxima_are_those_of_all_activations(batch_size):
    network, inputs = small_network(), small_inputs(3)
    found = measured(network, inputs, {"channel_maxima": ChannelMaxima()}, batch_size)
    for depth, output in activations(network, inputs).items():
        expected = output.numpy().max(axis=(2, 3))
        maxima = found[f"channel_maxima/{layer_key(depth)}"].numpy()
        np.testing.assert_allclose(maxima, expected, rtol=1e-4, atol=1e-5)


def test_progress_counts_the_batches():
    told = []
    measured(small_network(), small_inputs(3), {}, 5, lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]


def features(before, after, inputs):
    """As the stage `features` leaves them."""
    return {
        f"{when}/{name}": tensor
        for when, network in (("before", before), ("after", after))
        for name, tensor in measured(network, inputs, {"channel_maxima": ChannelMaxima()}).items()
    }


def test_layer_metrics_are_those_counted_by_hand():
    before, after, inputs = small_network(seed=0), small_network(seed=1), small_inputs(3)
    rows = [v.row for v in response_metrics(features(before, after, inputs))]
    assert len(rows) == 13 * 4
    for network, suffix in ((before, "_initial"), (after, "")):
        for depth, output in activations(network, inputs).items():
            responses = output.numpy()
            channels = responses.shape[1]
            dead = sum(responses[:, c].max() <= 0 for c in range(channels)) / channels
            active = np.mean(
                [(responses[n, c] > 0).any() for n in range(12) for c in range(channels)]
            )
            told = {r["metric"]: r["value"] for r in rows if r["depth"] == depth}
            assert told[f"sparsity{suffix}"] == pytest.approx(dead)
            assert told[f"active_channels{suffix}"] == pytest.approx(active)
    some = [r["value"] for r in rows if r["metric"] == "sparsity"]
    assert 0 < max(some) < 1, "what is measured must vary, or it shows nothing"
    assert {row["name"] for row in rows} == set(NAMES)


def test_weight_metrics_are_those_of_the_kernels_alone():
    before, after = small_network(seed=0), small_network(seed=1)
    values = {(v.metric, v.depth): v.value for v in weight_metrics(before, after)}
    for depth in DEPTHS:
        old, new = (
            network.conv(depth).weight.detach().numpy().astype(float).ravel()
            for network in (before, after)
        )
        rate = np.linalg.norm(new - old) / np.linalg.norm(old)
        cosine = old @ new / np.linalg.norm(old) / np.linalg.norm(new)
        assert values["weight_change", depth] == pytest.approx(rate)
        assert values["weight_angle", depth] == pytest.approx(np.degrees(np.arccos(cosine)))


def test_groups_are_the_last_layer_and_two_means():
    before, after = small_network(seed=0), small_network(seed=1)
    values = list(weight_metrics(before, after))
    rates = {v.depth: v.value for v in values if v.metric == "weight_change"}
    found = grouped(values)
    assert found["layers_last/weight_change"] == rates[13]
    assert found["layers_1_7/weight_change"] == pytest.approx(np.mean([*rates.values()][:7]))
    assert found["layers_8_13/weight_change"] == pytest.approx(np.mean([*rates.values()][7:]))
    assert len(found) == 3 * 2


def test_a_network_that_is_not_finite_has_no_sparsity():
    before, after, inputs = small_network(), small_network(), small_inputs(2)
    with torch.no_grad():
        after.conv(9).bias.fill_(float("nan"))
    values = list(response_metrics(features(before, after, inputs)))
    finite = {v.depth for v in values if v.metric == "sparsity" and not np.isnan(v.value)}
    assert finite == set(range(1, 9)), "NaN is not 0 % dead"
    assert "layers_last/sparsity" not in grouped(values)
    assert "layers_1_7/sparsity" in grouped(values)


def test_a_meter_without_metrics_of_its_own_is_its_mean():
    found = {f"{when}/zero_share/{layer_key(depth)}": torch.tensor([0.25, 0.75]) for when in
             ("before", "after") for depth in DEPTHS}  # fmt: skip
    values = list(response_metrics(found))
    assert {(v.metric, v.value) for v in values} == {
        ("zero_share", 0.5),
        ("zero_share_initial", 0.5),
    }
    assert len(values) == 2 * 13
