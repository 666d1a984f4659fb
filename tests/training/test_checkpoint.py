"""Where a training stands, on disk."""

import pytest
import torch

from dagm_transfer.core.errors import UserError
from dagm_transfer.training import checkpoint as module
from dagm_transfer.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from dagm_transfer.training.sgd import SGD


def trained(network):
    """The network after a step, with its optimiser."""
    optimiser = SGD(
        network.parameters(), learning_rate=0.1, momentum=0.9, weight_decay=0.0, fused=False
    )
    network(torch.ones(2, 3, 32, 32)).sum().backward()
    optimiser.step()
    return network, optimiser


def checkpoint_of(step, seconds, network, optimiser):
    return Checkpoint(step, seconds, network.state_dict(), optimiser.state_dict())


def buffers_of(optimiser):
    return optimiser.state_dict()["momentum_buffers"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "work" / "checkpoint.pt"


def restored(path, network, optimiser):
    found = read_checkpoint(path)
    network.load_state_dict(found.network)
    optimiser.load_state_dict(found.optimiser)
    return found


def test_network_momentum_and_time_come_back(path, make_network):
    network, optimiser = trained(make_network(seed=0))
    write_checkpoint(path, checkpoint_of(40, 12.5, network, optimiser))
    other, other_optimiser = trained(make_network(seed=1))
    found = restored(path, other, other_optimiser)
    assert (found.step, found.seconds) == (40, 12.5)
    pairs = list(zip(network.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert all(map(torch.equal, buffers_of(optimiser), buffers_of(other_optimiser)))


def test_weights_keep_their_layout_in_memory(path, make_network):
    # Another layout is other kernels, and other last digits.
    network, optimiser = trained(make_network())
    write_checkpoint(path, checkpoint_of(1, 0.0, network, optimiser))
    other, other_optimiser = trained(make_network(seed=1))
    restored(path, other, other_optimiser)
    weight = other.conv(2).weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    strides = [[buffer.stride() for buffer in buffers_of(o)] for o in (optimiser, other_optimiser)]
    assert strides[0] == strides[1]


def test_without_a_checkpoint_there_is_none(path):
    assert read_checkpoint(path) is None


def test_a_kill_while_saving_leaves_the_last_checkpoint(path, make_network, monkeypatch):
    network, optimiser = trained(make_network())
    write_checkpoint(path, checkpoint_of(20, 1.0, network, optimiser))

    def die_halfway(_content, draft):
        draft.write_bytes(b"half a checkpoint")
        raise KeyboardInterrupt

    monkeypatch.setattr(module.torch, "save", die_halfway)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(path, checkpoint_of(40, 2.0, network, optimiser))
    assert read_checkpoint(path).step == 20
    assert [p.name for p in path.parent.iterdir()] == ["checkpoint.pt"]


def torn_at_1000(content: bytes) -> bytes:
    return content[:1000]


def emptied(content: bytes) -> bytes:
    return content[:0]


def zeroed(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[: middle - 512] + bytes(1024) + content[middle + 512 :]


def replaced(content: bytes) -> bytes:
    return b"not at all" + content[:10]


@pytest.mark.parametrize("damage", [torn_at_1000, emptied, zeroed, replaced])
def test_a_damaged_checkpoint_is_said_in_one_line(path, make_network, damage):
    write_checkpoint(path, checkpoint_of(20, 1.0, *trained(make_network())))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=r"checkpoint\.pt: not a whole checkpoint") as told:
        read_checkpoint(path)
    assert "\n" not in str(told.value)
