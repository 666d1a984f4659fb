"""A network cut behind a depth is the network."""

import pytest
import torch
from small import SIZE, small_network

from dagm_transfer.analysis.lines.cut import cut_behind, on_line, pooled
from dagm_transfer.models.initial import to_input


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


@pytest.fixture
def grey():
    return torch.rand(3, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 255


@pytest.mark.parametrize("head", ["gap", "fc"])
@pytest.mark.parametrize("depth", [1, 2, 6, 7, 12, 13])
def test_both_halves_are_the_network_and_the_first_ends_in_a_relu(grey, depth, head):
    network = small_network(head=head)
    cut = cut_behind(network, depth, "bytes")
    outputs = dict(network.activations(to_input(grey, "bytes")))
    torch.testing.assert_close(cut.features(grey), outputs[depth])
    torch.testing.assert_close(cut.logits(cut.features(grey)), network(to_input(grey, "bytes")))


def test_only_the_input_has_a_gradient(grey):
    network = small_network()
    cut_behind(network, 4, "bytes").features(grey.requires_grad_()).sum().backward()
    assert grey.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in network.parameters())


def test_pooling_keeps_lines_straight(grey):
    line = on_line(grey[0], grey[1], 5)
    torch.testing.assert_close(line[[0, -1]], grey[:2])
    torch.testing.assert_close(pooled(line), on_line(*pooled(grey[:2]), 5))
