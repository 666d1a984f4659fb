"""Where a training stands, on disk."""

import pytest
import torch

from dagm_transfer.training import checkpoint as module
from dagm_transfer.training.checkpoint import (
    Checkpoint,
    checkpoint_step,
    load_checkpoint,
    save_checkpoint,
)


def trained(network, momentum=0.9):
    """The network after a step, with its optimiser."""
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=momentum)
    network(torch.ones(2, 3, 32, 32)).sum().backward()
    optimiser.step()
    return network, optimiser


@pytest.fixture
def path(tmp_path):
    return tmp_path / "work" / "checkpoint.pt"


def test_network_momentum_and_time_come_back(path, make_network):
    network, optimiser = trained(make_network(seed=0))
    save_checkpoint(path, Checkpoint(40, 12.5), network, optimiser)
    other, other_optimiser = trained(make_network(seed=1))
    assert load_checkpoint(path, other, other_optimiser) == Checkpoint(40, 12.5)
    pairs = list(zip(network.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert all(
        torch.equal(
            optimiser.state[a]["momentum_buffer"], other_optimiser.state[b]["momentum_buffer"]
        )
        for a, b in pairs
    )


def test_weights_keep_their_layout_in_memory(path, make_network):
    # Another layout is other kernels, and other last digits.
    network, optimiser = trained(make_network())
    save_checkpoint(path, Checkpoint(1, 0.0), network, optimiser)
    other, other_optimiser = trained(make_network(seed=1))
    load_checkpoint(path, other, other_optimiser)
    weight = other.conv(2).weight
    momentum = other_optimiser.state[weight]["momentum_buffer"]
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert momentum.stride() == optimiser.state[network.conv(2).weight]["momentum_buffer"].stride()


def test_without_a_checkpoint_nothing_changes(path, make_network):
    network, optimiser = trained(make_network())
    before = [p.clone() for p in network.parameters()]
    assert load_checkpoint(path, network, optimiser) is None
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    assert checkpoint_step(path) == 0


def test_the_step_is_read_without_a_network(path, make_network):
    save_checkpoint(path, Checkpoint(40, 12.5), *trained(make_network()))
    assert checkpoint_step(path) == 40


def test_a_kill_while_saving_leaves_the_last_checkpoint(path, make_network, monkeypatch):
    network, optimiser = trained(make_network())
    save_checkpoint(path, Checkpoint(20, 1.0), network, optimiser)

    def die_halfway(_content, draft):
        draft.write_bytes(b"half a checkpoint")
        raise KeyboardInterrupt

    monkeypatch.setattr(module.torch, "save", die_halfway)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(path, Checkpoint(40, 2.0), network, optimiser)
    assert checkpoint_step(path) == 20
    assert [p.name for p in path.parent.iterdir()] == ["checkpoint.pt"]
