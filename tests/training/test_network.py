"""The network of a run as it started, and as it ended."""

import json

import pytest
import torch
from runs import run_below, write_data
from safetensors.torch import save_file
from small import small_network as make

from dagm_transfer.core.errors import UserError
from dagm_transfer.models.initial import to_input
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.batches import spread_subset
from dagm_transfer.training.network import load_weights, network_at_end, network_at_start


def test_stored_weights_come_back(tmp_path):
    network = make(seed=7)
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, tmp_path / "run.safetensors")
    loaded = load_weights(make(seed=0), tmp_path / "run.safetensors")
    assert all(
        torch.equal(a, b) for a, b in zip(network.parameters(), loaded.parameters(), strict=True)
    )


@pytest.mark.parametrize("stored", ["nothing", "fewer layers", "other labels", "no safetensors"])
def test_weights_of_another_network_are_refused(tmp_path, stored):
    path = tmp_path / "run.safetensors"
    if stored == "fewer layers":
        save_file({"head.1.bias": torch.zeros(4)}, path)
    elif stored == "other labels":
        state = make(labels=6).state_dict()
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)
    elif stored == "no safetensors":
        path.write_bytes(b"torn")
    with pytest.raises(UserError, match=r"run\.safetensors: not the weights"):
        load_weights(make(), path)


def test_a_run_is_rebuilt_from_its_log_alone(tmp_path):
    params = {"variant": {"init": "he"}, "seed": 3, "model": {"head": "gap"}}
    data = {"labels": ["a", "b", "c", "d"], "size": 32}
    start = network_at_start(params, data, tmp_path / "no trunk is read")
    save_file({k: v.contiguous() for k, v in start.state_dict().items()}, tmp_path / "w")
    end = network_at_end(params, data, tmp_path / "w")
    assert not end.training
    pairs = zip(start.parameters(), end.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


@pytest.fixture
def run_from(tmp_path):
    """A run of one initialisation over small data."""
    write_data(tmp_path)
    return lambda init, seed=0: run_below(tmp_path, seed=seed, init=init)


def same(one: VGG16, other: VGG16) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@torch.inference_mode()
def strengths(network: VGG16, inputs: torch.Tensor) -> list[float]:
    return [float(out.double().square().mean().sqrt()) for _, out in network.activations(inputs)]


@pytest.mark.parametrize("init", ["shuffled", "he_matched"])
def test_a_log_tells_the_start_of_whatever_came_from_the_source(run_from, init):
    run = run_from(init)
    told = json.loads(json.dumps(run.begin({}, {}).params))  # as the log has it
    started = run.initial_network()
    assert same(started, network_at_start(told, run.data.facts, run.trunk))
    again = run_from(init)
    assert same(started, again.initial_network()), "of another object as well"


def test_he_matched_is_matched_on_training_inputs_at_the_variants_scale(run_from):
    run, source = run_from("he_matched"), run_from("imagenet")
    train = run.data.inputs("train")
    pixels = torch.from_numpy(train.pixels[spread_subset(train.labels, 64)])[:, None]
    assert len(pixels) == 64
    inputs = to_input(pixels, run.settings.input_scale)
    theirs = strengths(source.initial_network(), inputs)
    assert strengths(run.initial_network(), inputs) == pytest.approx(theirs, rel=0.01)


@pytest.mark.parametrize("init", ["mean_var", "shuffled", "he_matched"])
def test_controls_hang_on_the_source_and_their_identity_on_no_rounding(run_from, init):
    run = run_from(init)
    assert "scales" not in run.params(), "a digest of them would differ between machines"
    before = run.identity
    facts = json.loads(run.trunk_facts.read_text())
    run.trunk_facts.write_text(json.dumps({**facts, "digest": "of another trunk"}))
    assert run_from(init).identity != before
