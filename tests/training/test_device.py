"""What a run's numbers depend on besides what was asked for."""

import json
import os
import subprocess
import sys

import pytest
import torch

from dagm_transfer.core.errors import UserError
from dagm_transfer.training.device import LIMITS, choose_device, environment

SCRIPT = """
import hashlib, json, torch
from small import recipe, small_inputs, small_network
from dagm_transfer.events.identity import run_name
from dagm_transfer.training.device import environment
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
cpu, network, curve = torch.device("cpu"), small_network(), []
train_network(network, small_inputs(6), small_inputs(4), recipe(iterations=12), cpu,
    make_feeds=feeds_of_pixels, record=lambda e: curve.append(dict(e.metrics)))
sha = hashlib.sha256()
for weight in network.parameters():
    sha.update(weight.detach().numpy().tobytes())
print(json.dumps({"name": run_name("ab" * 32, environment(cpu)), "weights": sha.hexdigest(),
    "curve": curve}))
"""


def trained(**variables: str) -> dict[str, object]:
    """A small training in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in LIMITS}
    support = [path for path in sys.path if path.endswith("support")]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**kept, "PYTHONPATH": os.pathsep.join([*support, *sys.path]), "OMP_NUM_THREADS": "1",
             "PYTHONHASHSEED": variables.pop("PYTHONHASHSEED", "0"), **variables},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_equal_identity_and_environment_end_with_equal_bits():
    first, second = trained(PYTHONHASHSEED="1"), trained(PYTHONHASHSEED="2")
    assert first == second


def test_another_machine_is_another_environment():
    # ONEDNN_MAX_CPU_ISA plays a machine without AVX512, while torch calls itself what it is.
    here, there = trained(), trained(ONEDNN_MAX_CPU_ISA="AVX2")
    assert here["name"] != there["name"], "a shared store keeps both"
    assert there == trained(ONEDNN_MAX_CPU_ISA="AVX2"), "and each is promised its numbers"


def test_an_environment_names_what_numbers_hang_on(monkeypatch):
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    told = environment(torch.device("cpu"))
    assert told.keys() == {"torch", "device", "cpu", "instructions", "threads"}
    assert all(told.values())
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert environment(torch.device("cpu")) == {**told, "ONEDNN_MAX_CPU_ISA": "AVX2"}


def test_a_device_that_is_not_there_is_named():
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(UserError, match=r"machine\.device: no cuda is here"):
        choose_device("cuda")
    assert choose_device("auto") == torch.device("cpu")
