"""Two runs side by side, against networks whose line is known."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from small import small_inputs, small_network
from torch import nn

from dagm_transfer.analysis.comparison import along_the_line, cka_between, in_sum, pairs_of
from dagm_transfer.analysis.meters.features import Features, inputs_table, responses_file
from dagm_transfer.metrics.cka import cka_inside_labels
from dagm_transfer.models.initial import to_input
from dagm_transfer.models.vgg16 import DEPTHS

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def line(a, b, points=5, scales=("unit", "unit"), inputs=None):
    return list(
        along_the_line(
            a.eval(), b.eval(), inputs or small_inputs(3), points, scales=scales, batch_size=5,
            device=CPU,
        )
    )  # fmt: skip


def test_pairs_are_seeds_of_a_variant_and_then_the_contrast():
    variants, compared = ["scratch", "finetune", "frozen"], ["finetune", "scratch"]
    assert pairs_of(variants, compared, [3, 1], 1) == [
        (("scratch", 3), ("scratch", 1)),
        (("finetune", 3), ("finetune", 1)),
        (("frozen", 3), ("frozen", 1)),
        (("finetune", 1), ("scratch", 1)),
    ]
    assert pairs_of(variants, compared, [3, 1], 3) == [(("finetune", 3), ("scratch", 3))]


def test_a_contrast_with_a_variant_that_the_study_lacks_is_none():
    assert pairs_of(["scratch"], ["scratch", "finetune"], [0], 0) == []


def test_a_network_and_itself_have_nothing_between_them():
    network = small_network()
    places = line(network, small_network())
    assert len({place.loss for place in places}) == 1
    assert in_sum(network, network, places) == {
        "barrier_loss": 0, "barrier_accuracy": 0, "distance": 0, "relative_distance": 0,
    }  # fmt: skip


@pytest.mark.parametrize("head", ["gap", "fc"])
def test_the_ends_are_the_two_networks_and_the_middle_their_mean(head):
    inputs, (a, b) = small_inputs(3), (small_network(seed, head) for seed in (0, 1))
    middle = small_network(2, head)
    with torch.no_grad():
        mean = {k: (v + b.state_dict()[k]) / 2 for k, v in a.state_dict().items()}
        middle.load_state_dict(mean)
        pixels = torch.from_numpy(inputs.pixels)[:, None]
        told = line(a, b, points=3, inputs=inputs)
        for network, place in zip((a, middle, b), told, strict=True):
            logits = network.eval()(to_input(pixels, "unit"))
            wanted = nn.functional.cross_entropy(logits, torch.from_numpy(inputs.labels))
            assert place.loss == pytest.approx(float(wanted), rel=1e-5)
            right = logits.argmax(1).numpy() == inputs.labels
            assert place.accuracy == pytest.approx(right.mean())
    assert [place.t for place in told] == [0, 0.5, 1]
    assert told[0].loss != told[2].loss


def test_biases_that_cross_over_make_a_barrier_by_hand():
    # All weights but the head's biases are 0: one network always says label 0, one label 1. Label 0
    # is right; halfway both are as likely.
    inputs = small_inputs(2)
    inputs.labels[:] = 0
    networks = [small_network(labels=2) for _ in range(2)]
    for network, biases in zip(networks, ([4.0, 0.0], [0.0, 4.0]), strict=True):
        with torch.no_grad():
            for weight in network.parameters():
                weight.zero_()
            network.head[1].bias.copy_(torch.tensor(biases))
    places = line(*networks, points=3, inputs=inputs)
    losses = [math.log(1 + math.exp(-4)), math.log(2), math.log(1 + math.exp(4))]
    assert [place.loss for place in places] == pytest.approx(losses, rel=1e-5)
    assert [place.accuracy for place in places] == [1, 1, 0]  # of equals argmax takes the first
    summed = in_sum(*networks, places)
    assert summed["barrier_loss"] == 0, "the loss is convex where only biases differ"
    assert summed["barrier_accuracy"] == 0
    assert math.isnan(summed["relative_distance"]), "of a trunk that is zero"


def test_mirrored_channels_are_one_function_behind_a_barrier():
    # The channels of the last convolution in another order, the head's with them.
    a, b = small_network(seed=3), small_network(seed=3)
    with torch.no_grad():
        for network in (a, b):
            network.head[1].weight.mul_(300)
        order = torch.arange(7, -1, -1)
        b.conv(13).weight.copy_(a.conv(13).weight[order])
        b.conv(13).bias.copy_(a.conv(13).bias[order])
        b.head[1].weight.copy_(a.head[1].weight[:, order])
    places = line(a, b)
    assert places[0].loss == pytest.approx(places[-1].loss, rel=1e-4)
    assert places[2].loss != pytest.approx(places[0].loss, rel=0.01)
    summed = in_sum(a, b, places)
    moved = float((a.conv(13).weight - b.conv(13).weight).detach().norm())
    assert summed["distance"] == pytest.approx(moved, rel=1e-5)
    norm = math.sqrt(sum(float(w.detach().square().sum()) for w in a.features.parameters()))
    assert summed["relative_distance"] == pytest.approx(moved / norm, rel=1e-5)


def test_between_two_input_scales_nothing_is_told():
    a, b = small_network(0), small_network(1)
    places = line(a, b, scales=("unit", "bytes"))
    assert [place.t for place in places] == [0, 0.25, 0.5, 0.75, 1]
    assert all(math.isnan(place.loss) and math.isnan(place.accuracy) for place in places)
    summed = in_sum(a, b, places)
    assert math.isnan(summed["barrier_loss"])
    assert summed["relative_distance"] > 1, "weights have a distance all the same"


def test_a_run_that_diverged_leaves_nan():
    a, b = small_network(0), small_network(1)
    with torch.no_grad():
        b.conv(5).weight.fill_(math.nan)
    places = line(a, b, points=3)
    assert [math.isnan(place.loss) for place in places][1:] == [True, True]
    assert math.isnan(places[2].accuracy)
    assert all(math.isnan(value) for value in in_sum(a, b, places).values())


def features_in(folder, seed, gone=False):
    """Random responses of a known seed, of both moments."""
    random, inputs = np.random.default_rng(seed), small_inputs(5)
    folder.mkdir()
    (folder / "inputs.csv").write_text(inputs_table({"train": inputs, "test": inputs}))
    for when in ("before", "after"):
        for depth in DEPTHS:
            path = responses_file(folder, when, "test", depth)
            path.parent.mkdir(parents=True, exist_ok=True)
            found = random.standard_normal((20, 6)).astype(np.float32)
            np.save(path, np.full_like(found, np.nan) if gone and when == "after" else found)
    return Features(folder)


def test_the_cka_is_that_of_the_responses_inside_labels(tmp_path):
    a, b = features_in(tmp_path / "a", 0), features_in(tmp_path / "b", 1)
    for when in ("before", "after"):
        of_a, of_b = (partial(features.responses, when, "test") for features in (a, b))
        labels = a.labels("test")
        assert cka_between(of_a, of_a, labels) == pytest.approx([1] * 13)
        assert cka_between(of_a, of_b, labels)[3] == cka_inside_labels(of_a(4), of_b(4), labels)


def test_responses_that_are_no_numbers_have_no_cka(tmp_path):
    a, b = features_in(tmp_path / "a", 0), features_in(tmp_path / "b", 1, gone=True)
    for when, finite in (("after", False), ("before", True)):
        of_a, of_b = (partial(features.responses, when, "test") for features in (a, b))
        assert (np.isfinite(cka_between(of_a, of_b, a.labels("test"))) == finite).all()
