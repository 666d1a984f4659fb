"""How long an exported network takes for one image, beside the run's own."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from dagm_transfer.inspection.exporting.finished_run import FinishedRun, float32_logits
from dagm_transfer.inspection.latency import seconds_in_turn
from dagm_transfer.inspection.onnx_runtime import logits_of_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.judging.inspector import load_inspector


@dataclass(frozen=True)
class Latency:
    """Seconds for all windows of one image on this machine's CPU.

    Attributes:
        image: which one.
        windows: how many it has.
        threads: of PyTorch; ONNX Runtime takes as many as there are cores.
        seconds: medians by what was timed.
    """

    image: str
    windows: int
    threads: int
    seconds: Mapping[str, float]


def latency(run: FinishedRun, folder: Path, rounds: int) -> Latency:
    """Time the run's network and an exported one in turn on the first judged test image.

    Args:
        run: that the exported network comes from.
        folder: of the export.
        rounds: of each; the median counts.
    """
    first, pixels = next(run.taken_in(run.of("test")[:1], lambda *_: None))
    small = load_inspector(folder)
    networks = {
        "run, PyTorch": float32_logits(run.inspector.network.network, run.card),
        "exported, PyTorch": float32_logits(small.network.network, small.card),
        "exported, ONNX Runtime": logits_of_onnx(folder / NETWORK),
    }
    calls = {name: lambda network=network: network(pixels) for name, network in networks.items()}
    seconds = {
        name: statistics.median(each) for name, each in seconds_in_turn(calls, rounds).items()
    }
    return Latency(first.image, len(pixels), torch.get_num_threads(), seconds)
