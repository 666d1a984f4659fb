"""How long the windows of one image take: eager, in ONNX Runtime, and with half of the channels.

    python benchmarks/inspection_latency.py

All are timed in turn in one process, so that other load strikes them alike; the median over the
rounds of the ratio to `eager_channels_last`, which is how this project runs a network, is what
counts. The weights are drawn: no time depends on what they are.
"""

import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime
import torch
import typer
from safetensors.torch import save_file

from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.files import digest_of_file, write_json
from dagm_transfer.inspection.exporting.finished_run import CPU, float32_logits
from dagm_transfer.inspection.latency import seconds_in_turn
from dagm_transfer.inspection.layer_sizes import layer_sizes
from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.onnx_runtime import logits_of_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.judging.card import Card, CardCosts, Thresholds, write_card
from dagm_transfer.judging.inspector import load_inspector
from dagm_transfer.judging.paths import CARD
from dagm_transfer.judging.threshold_rule import LEAST_COST
from dagm_transfer.judging.windows import BATCH, Bytes
from dagm_transfer.models.initial import initial_network, to_input
from dagm_transfer.models.vgg16 import PUBLISHED, VGG16, Widths
from dagm_transfer.training.device import environment
from dagm_transfer.training.paths import WEIGHTS

RESULTS = Path(__file__).parent / "results" / "inspection_latency.json"
GROUPS = 6
BASE = "eager_channels_last"
HALF = Widths(tuple(width // 2 for width in PUBLISHED.convolutions), PUBLISHED.hidden)


def main(
    size: Annotated[int, typer.Option(help="of a window, in pixels")] = 64,
    windows: Annotated[int, typer.Option(help="of one image")] = 64,
    rounds: int = 9,
) -> None:
    """Time all and write benchmarks/results/inspection_latency.json."""
    pixels = np.random.default_rng(0).integers(0, 256, (windows, size, size), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        calls: dict[str, Callable[[], object]] = {}
        multiply_adds = {}
        for name, widths in (("", PUBLISHED), ("half_", HALF)):
            inspector = _inspector(Path(folder) / f"{name}network", size, widths)
            network, card = inspector
            multiply_adds[f"{name}network"] = sum(
                each.multiply_adds for each in layer_sizes(network, size)
            )
            eager = float32_logits(network, card)
            onnx = logits_of_onnx(Path(folder) / f"{name}network" / NETWORK)
            calls[f"{name}eager_channels_last"] = partial(eager, pixels)
            calls[f"{name}eager"] = _contiguous(Path(folder) / f"{name}network", pixels)
            calls[f"{name}onnx"] = partial(onnx, pixels)
        seconds = seconds_in_turn(calls, rounds)
    ratios = {
        name: [each / base for each, base in zip(times, seconds[BASE], strict=True)]
        for name, times in seconds.items()
    }
    result = {
        "size": size, "windows": windows, "together": BATCH, "rounds": rounds,
        "multiply_adds_of_a_window": multiply_adds,
        "median_milliseconds": {
            name: round(1000 * statistics.median(times), 1) for name, times in seconds.items()
        },
        f"median_ratio_to_{BASE}": {
            name: round(statistics.median(each), 3) for name, each in ratios.items()
        },
        "onnxruntime": onnxruntime.__version__, **environment(CPU),
    }  # fmt: skip
    write_json(RESULTS, result)
    for name, each in ratios.items():
        middle = statistics.median(seconds[name])
        print(f"{name:28} {1000 * middle:8.0f} ms  x {statistics.median(each):.2f}")


def _inspector(folder: Path, size: int, widths: Widths) -> tuple[VGG16, Card]:
    """A drawn network in a folder, with its ONNX file."""
    network = initial_network(
        init="he", seed=0, labels=2 * GROUPS, head="gap", size=size, trunk={}, widths=widths
    )
    folder.mkdir()
    state = network.state_dict()
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / WEIGHTS)
    card = Card(
        key="drawn-s0", identity="", environment="", groups=[f"group {n}" for n in range(GROUPS)],
        input="patch", size=size, resize="antialias", stride=size, input_scale="bytes",
        head="gap", convolutions=list(widths.convolutions), hidden=list(widths.hidden), bits=8,
        thresholds=Thresholds(input=0, image=0), rule=LEAST_COST,
        costs=CardCosts(miss=20, false_alarm=1),
        validation_cost=0, validated_on="", data="", weights=digest_of_file(folder / WEIGHTS),
    )  # fmt: skip
    write_card(card, folder / CARD)
    loaded = load_inspector(folder)
    write_onnx(loaded, folder / NETWORK)
    return loaded.network.network, card


def _contiguous(folder: Path, pixels: Bytes) -> Callable[[], object]:
    """The same network with channels before places in memory, as torch lays them by itself."""
    network = load_inspector(folder).network.network.to(memory_format=torch.contiguous_format)
    stored = torch.from_numpy(pixels)[:, None]

    def run() -> list[torch.Tensor]:
        with torch.inference_mode():
            return [
                network(to_input(part, "bytes").contiguous()) for part in torch.split(stored, BATCH)
            ]

    return run


if __name__ == "__main__":
    in_one_line(lambda: typer.run(main))
