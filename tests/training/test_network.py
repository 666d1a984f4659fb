"""The network of a run as it started, and as it ended."""

import pytest
import torch
from safetensors.torch import save_file
from small import small_network as make

from dagm_transfer.core.errors import UserError
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
