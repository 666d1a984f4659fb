"""What a run is handed on as."""

import json

import numpy as np
import pytest
import torch
from inspectors import small_card, small_inspector
from safetensors.torch import save_file
from small import small_inputs, small_network

from dagm_transfer.core.errors import UserError
from dagm_transfer.judging.card import read_card, write_card
from dagm_transfer.judging.inspector import (
    GreyNetwork,
    load_inspector,
    logits_of_network,
)
from dagm_transfer.models.initial import to_input
from dagm_transfer.training.paths import WEIGHTS


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def test_logits_are_the_networks_in_evaluation_mode_whatever_the_batch():
    cpu = torch.device("cpu")
    network, inputs = small_network(head="fc").train(), small_inputs(3)
    found = [
        logits_of_network(network, "unit", size, cpu)(inputs.pixels) for size in (1, 5, 12, 99)
    ]
    with torch.inference_mode():
        pixels = torch.from_numpy(inputs.pixels)[:, None]
        expected = network.eval()(to_input(pixels, "unit")).numpy()
    for logits in found:
        assert logits.dtype == np.float64
        np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-6)


def test_a_grey_network_scales_its_images_itself():
    network, inputs = small_network().eval(), small_inputs(2)
    grey = torch.from_numpy(inputs.pixels.astype(np.float32))[:, None]
    with torch.inference_mode():
        for scale in ("bytes", "unit"):
            expected = network(to_input(grey, scale))
            assert torch.equal(GreyNetwork(network, scale)(grey), expected)


@pytest.fixture
def handed_on(tmp_path):
    network = small_network()
    small_inspector(tmp_path, network)
    return network, tmp_path


def test_an_inspector_comes_back_with_its_scale_and_thresholds(handed_on):
    network, folder = handed_on
    inspector = load_inspector(folder)
    assert inspector.card == small_card(weights=inspector.card.weights)
    assert inspector.network.scale == "unit"
    pairs = zip(network.parameters(), inspector.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_weights_of_another_run_are_refused(handed_on):
    network, folder = handed_on
    weights = folder / WEIGHTS
    save_file({k: v.contiguous() + 1 for k, v in network.state_dict().items()}, weights)
    with pytest.raises(UserError, match=r"weights\.safetensors: not the weights that the card"):
        load_inspector(folder)


@pytest.mark.parametrize("text", ["", "[]", '{"key": 1}', "\x00" * 40])
def test_a_file_that_is_no_card_is_named(tmp_path, text):
    path = tmp_path / "card.json"
    with pytest.raises(UserError, match="not there yet"):
        read_card(path)
    path.write_text(text)
    with pytest.raises(UserError, match=r"card\.json: not the card of an inspector") as said:
        read_card(path)
    assert "\n" not in str(said.value)


def test_a_card_is_json_that_others_can_read(tmp_path):
    write_card(small_card(), tmp_path / "card.json")
    content = json.loads((tmp_path / "card.json").read_text())
    assert content["groups"] == ["texture 1", "texture 2"]
    assert content["thresholds"] == {"input": 0.5, "image": 1.5}
    assert read_card(tmp_path / "card.json") == small_card()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("groups", [], "groups: list should have at least 1 item"),
        ("size", 33, "size: input should be a multiple of 32"),
        ("stride", 0, "stride: "),
        ("stride", 64, "stride: 64 leaves gaps between windows of 32"),
        ("stride", None, "stride: none does not go with inputs of kind patch"),
        ("input", "image", "stride: 16 does not go with inputs of kind image"),
        ("convolutions", [4] * 12, "convolutions: "),
        ("hidden", [16, 0], "hidden.1: "),
        ("bits", 9, "bits: "),
        ("sharpness", 3, "sharpness: extra"),
    ],
)
def test_a_card_that_nobody_could_judge_by_is_refused_with_the_reason(tmp_path, name, value, said):
    path = tmp_path / "card.json"
    content = {**small_card().model_dump(), name: value}
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"card\.json: not the card of an inspector") as refused:
        read_card(path)
    assert said in str(refused.value).lower()
    assert "\n" not in str(refused.value)
