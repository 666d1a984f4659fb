"""The layer table of a run, against what is counted by hand from all activations."""

import math

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from small import small_inputs, small_network

from dagm_transfer.analysis.label_flatness import label_flatness
from dagm_transfer.analysis.layer_metrics import OF_A_CHANGE, OF_A_MOMENT
from dagm_transfer.analysis.layers import grouped, layer_values, layers_of
from dagm_transfer.analysis.meters.channel_maxima import ChannelMaxima
from dagm_transfer.analysis.meters.features import (
    Features,
    inputs_table,
    meters_file,
    responses_file,
)
from dagm_transfer.analysis.meters.meter import stream
from dagm_transfer.analysis.meters.pooled import PooledResponses
from dagm_transfer.analysis.meters.zero_share import ZeroShare
from dagm_transfer.analysis.settings import Analysis
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.metrics.cka import debiased_linear_cka
from dagm_transfer.metrics.flatness import calibrated_flatness, geodesic_discrepancy
from dagm_transfer.metrics.probe import channels_needed, few_shot_accuracy, linear_probe_accuracy
from dagm_transfer.models.vgg16 import DEPTHS, NAMES

CPU = torch.device("cpu")
SETTINGS = Analysis(inputs=28, n_neighbors=2, probe_draws=2, surrogates=2, calibrated=[13])


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def features_of(folder, before, after, *, siblings=False):
    """As the stage `features` leaves them; siblings are the same test inputs once more."""
    test = small_inputs(7, seed=1)
    if siblings:
        pixels, labels = np.tile(test.pixels, (2, 1, 1)), np.tile(test.labels, 2)
        test = Inputs(pixels, labels, [*test.images, *test.images])
    inputs = {"train": small_inputs(6), "test": test}
    folder.mkdir()
    (folder / "inputs.csv").write_text(inputs_table(inputs))
    for when, network in (("before", before), ("after", after)):
        for part, chosen in inputs.items():
            meters = {"channel_maxima": ChannelMaxima(), "zero_share": ZeroShare()}
            of = lambda depth, w=when, p=part: responses_file(folder, w, p, depth)  # noqa: E731
            with PooledResponses(of, len(chosen.labels)) as pooled:
                found = stream(
                    network, chosen, {**meters, "pooled": pooled}, scale="unit", batch_size=8,
                    device=CPU, on_batch=lambda *_: None,
                )  # fmt: skip
            save_file(found, meters_file(folder, when, part))
    return Features(folder)


@pytest.fixture
def run(tmp_path):
    before, after = small_network(seed=0), small_network(seed=1)
    features = features_of(tmp_path / "features", before, after)
    return before, after, features


def values_of(before, after, features):
    layers = layers_of(before, after, features, SETTINGS)
    return [value for layer in layers for value in layer_values(layer)]


@pytest.fixture
def told(run):
    values = values_of(*run)
    return {(value.metric, value.depth): value.value for value in values}


def test_the_table_has_every_metric_at_every_depth(run):
    values = values_of(*run)
    names = [*OF_A_CHANGE, *OF_A_MOMENT, *(f"{name}_initial" for name in OF_A_MOMENT)]
    assert {(v.metric, v.depth) for v in values} == {(n, d) for n in names for d in DEPTHS}
    assert len(values) == len(names) * 13
    assert {value.row["name"] for value in values} == set(NAMES)
    lacking = {v.metric for v in values if v.depth == 13 and not math.isfinite(v.value)}
    too_many = ("dead_over_100", "probe_accuracy_10")  # of more inputs than there are
    assert lacking == {f"{name}{when}" for name in too_many for when in ("", "_initial")}


@pytest.mark.parametrize("depth", [1, 7, 13])
def test_metrics_of_a_moment_are_those_of_its_responses(run, told, depth):
    *_, features = run
    for when, suffix in (("before", "_initial"), ("after", "")):
        test, train = (features.responses(when, part, depth) for part in ("test", "train"))
        labels, train_labels = features.labels("test"), features.labels("train")
        by_label = [test[labels == label] for label in range(4)]

        def value(name, suffix=suffix):
            return told[f"{name}{suffix}", depth]

        assert value("sparsity") == pytest.approx((test.max(axis=0) <= 0).mean())
        assert value("inactive_channels") == pytest.approx((test <= 0).mean())
        assert value("sparsity") <= value("dead_over_10") <= value("inactive_channels")
        assert value("sparsity") <= value("weak_channels") <= 1
        assert value("zero_share") >= value("inactive_channels")
        accuracy = linear_probe_accuracy(train, train_labels, test, labels)
        assert value("probe_accuracy") == pytest.approx(accuracy)
        few = few_shot_accuracy(train, train_labels, test, labels, per_label=5, draws=2, seed=0)
        assert value("probe_accuracy_5") == pytest.approx(few)
        raw = np.mean([geodesic_discrepancy(part, 2) for part in by_label])
        assert value("flatness") == pytest.approx(raw)
        if depth == 13:
            found = [calibrated_flatness(part, 2, 2, 0) for part in by_label]
            excess = np.mean([one.channels.mean for one in found])
            assert value("flatness_over_channels") == pytest.approx(excess)
            needed = channels_needed(train, train_labels, test, labels)
            assert value("channels_needed") == needed
        else:
            assert math.isnan(value("flatness_over_channels"))
            assert math.isnan(value("channels_needed"))


def test_flatness_of_each_label_is_what_the_table_has_the_mean_of(run, told):
    labels = ["a", "b", "c", "d"]
    rows = [row for layer in layers_of(*run, SETTINGS) for row in label_flatness(layer, labels)]
    assert {row["depth"] for row in rows} == {13}, "it is calibrated there"
    for metric in ("flatness", "flatness_over_rotation", "flatness_over_channels"):
        for name in (metric, f"{metric}_initial"):
            found = {row["label"]: row["value"] for row in rows if row["metric"] == name}
            assert [*found] == labels
            assert np.mean([*found.values()]) == pytest.approx(told[name, 13])
    *_, features = run
    part = features.responses("after", "test", 13)[features.labels("test") == 2]
    (value,) = [row["value"] for row in rows if (row["metric"], row["label"]) == ("flatness", "c")]
    assert value == geodesic_discrepancy(part, 2)


@pytest.mark.parametrize("depth", [1, 13])
def test_metrics_of_a_change_hold_both_moments_together(run, told, depth):
    before, after, features = run
    labels = features.labels("test")
    pairs = [
        [features.responses(when, "test", depth)[labels == n] for when in ("before", "after")]
        for n in range(4)
    ]
    expected = [debiased_linear_cka(*pair) for pair in pairs]
    expected = np.mean([value for value in expected if np.isfinite(value)])
    assert told["cka_to_start", depth] == pytest.approx(expected)
    old, new = (
        network.conv(depth).weight.detach().numpy().astype(float).ravel()
        for network in (before, after)
    )
    rate = np.linalg.norm(new - old) / np.linalg.norm(old)
    cosine = old @ new / np.linalg.norm(old) / np.linalg.norm(new)
    assert told["weight_change", depth] == pytest.approx(rate)
    assert told["weight_angle", depth] == pytest.approx(np.degrees(np.arccos(cosine)))


def test_a_network_that_did_not_change_is_its_own_best_match(tmp_path):
    network = small_network()
    features = features_of(tmp_path / "same", network, network)
    values = {(v.metric, v.depth): v.value for v in values_of(network, network, features)}
    for depth in DEPTHS:
        assert values["cka_to_start", depth] == pytest.approx(1)
        assert values["matched_own", depth] == 1
        assert values["match_correlation", depth] == pytest.approx(1)
        assert values["match_floor", depth] < values["match_correlation", depth]
        assert values["weight_change", depth] == 0
        assert values["sparsity", depth] == values["sparsity_initial", depth]


def test_siblings_are_no_neighbours_of_each_other(run, told, tmp_path):
    before, after, _ = run
    features = features_of(tmp_path / "siblings", before, after, siblings=True)
    values = {(v.metric, v.depth): v.value for v in values_of(before, after, features)}
    flat = ("flatness", "flatness_over_channels", "intrinsic_dimension", "participation_ratio")
    for metric in (*flat, "cka_to_start", "matched_own", "match_correlation", "match_floor"):
        assert values[metric, 13] == pytest.approx(told[metric, 13]), metric


def test_groups_are_the_last_layer_and_two_means(run):
    values = values_of(*run)
    rates = {v.depth: v.value for v in values if v.metric == "weight_change"}
    found = grouped(values)
    assert found["layers_last/weight_change"] == rates[13]
    assert found["layers_1_7/weight_change"] == pytest.approx(np.mean([*rates.values()][:7]))
    assert found["layers_8_13/weight_change"] == pytest.approx(np.mean([*rates.values()][7:]))
    assert "layers_last/channels_needed" in found
    assert "layers_1_7/channels_needed" not in found, "known at one depth alone"


def test_a_network_that_is_not_finite_has_no_sparsity(tmp_path):
    before, after = small_network(), small_network()
    with torch.no_grad():
        after.conv(9).bias.fill_(float("nan"))
    features = features_of(tmp_path / "nan", before, after)
    values = values_of(before, after, features)
    finite = {v.depth for v in values if v.metric == "sparsity" and not np.isnan(v.value)}
    assert finite == set(range(1, 9)), "NaN is not 0 % dead"
    assert all(np.isfinite(v.value) for v in values if v.metric == "sparsity_initial")
    layers = layers_of(before, after, features, SETTINGS)
    rows = [row for layer in layers for row in label_flatness(layer, ["a", "b", "c", "d"])]
    assert {row["metric"].endswith("_initial") for row in rows} == {True}
    assert "layers_last/sparsity" not in grouped(values)
    assert "layers_1_7/sparsity" in grouped(values)
    assert "layers_last/weight_change" in grouped(values)
