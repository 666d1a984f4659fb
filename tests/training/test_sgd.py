"""Torch's own descent, without its class."""

import subprocess
import sys

import pytest
import torch
from small import small_network

from dagm_transfer.training.sgd import SGD

SETTINGS = [
    {"momentum": 0.0, "weight_decay": 0.0},
    {"momentum": 0.9, "weight_decay": 0.0},
    {"momentum": 0.9, "weight_decay": 5e-4},
]


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


@pytest.mark.parametrize("settings", SETTINGS)
def test_steps_are_those_of_torchs_optimiser_to_the_last_bit(settings):
    ours, theirs = small_network(), small_network()
    mine = SGD(ours.parameters(), learning_rate=0.01, fused=False, **settings)
    other = torch.optim.SGD(theirs.parameters(), lr=0.01, **settings)
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    for _ in range(3):
        mine.forget_gradients()
        other.zero_grad()
        for network in (ours, theirs):
            torch.autograd.backward(network(images).square().sum())
        mine.step()
        other.step()
    pairs = zip(ours.parameters(), theirs.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_training_does_without_torchs_compiler():
    script = (
        "import sys, torch\n"
        "from small import recipe, small_inputs, small_network\n"
        "from dagm_transfer.training.feed import feeds_of_pixels\n"
        "from dagm_transfer.training.loop import train_network\n"
        "train_network(small_network(), small_inputs(2), small_inputs(1), recipe(iterations=2),\n"
        "    torch.device('cpu'), make_feeds=feeds_of_pixels, record=lambda _: None)\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    support = [path for path in sys.path if path.endswith("support")]
    environment = {"PYTHONPATH": ":".join([*support, *sys.path]), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
