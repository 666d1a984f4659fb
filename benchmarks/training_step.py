"""How much of the bare training step's speed the loop keeps.

    python benchmarks/training_step.py

The limit is the same network on one batch that already lies on the device, without logging. Both
are timed in turn, several times, in one process; the ratio of the medians is what counts, the
images a second are this machine's.
"""

import statistics
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.files import write_json
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.events.event import MemoryRecorder
from dagm_transfer.models.initial import initial_network, to_input
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.device import choose_device, environment
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Phase, Train, Variant

RESULTS = Path(__file__).parent / "results"
LABELS = 12


def main(
    size: Annotated[int, typer.Option(help="of the input, in pixels")] = 64,
    batch_size: int = 32,
    iterations: Annotated[int, typer.Option(help="of each timing")] = 8,
    rounds: int = 5,
    device_name: Annotated[str, typer.Option("--device")] = "auto",
    precision: str = "float32",
) -> None:
    """Time both and write benchmarks/results/training_step_DEVICE_SIZE_PRECISION.json."""
    device = choose_device(device_name)
    inputs = _inputs(size)
    recipe = Recipe(
        Variant(
            init="he", input_scale="bytes", augment=True, momentum=0.0, weight_decay=0.0,
            evaluate_every=iterations,
            phases=[Phase(trainable_from=1, learning_rate=1e-3, iterations=iterations)],
        ),
        Train(
            precision="bfloat16" if precision == "bfloat16" else "float32", batch_size=batch_size,
            sampling="even", train_subset=LABELS, snapshots=[],
        ),
        seed=0,
    )  # fmt: skip
    bare, loop = [], []
    for _ in range(rounds):
        bare.append(_bare(_network(size), inputs, recipe, device))
        loop.append(_loop(_network(size), inputs, recipe, device))
    ratio = statistics.median(loop) / statistics.median(bare)
    result = {
        "size": size, "batch_size": batch_size, "precision": recipe.train.precision,
        "iterations": iterations, "rounds": rounds,
        "bare_images_per_second": [round(value, 2) for value in bare],
        "loop_images_per_second": [round(value, 2) for value in loop],
        "ratio_of_medians": round(ratio, 4), **environment(device),
    }  # fmt: skip
    name = f"training_step_{device.type}_{size}_{recipe.train.precision}.json"
    write_json(RESULTS / name, result)
    print(f"bare {bare}\nloop {loop}\nratio of medians {ratio:.3f}")


def _inputs(size: int) -> Inputs:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (20 * LABELS, size, size), dtype=np.uint8)
    return Inputs(pixels, np.arange(len(pixels)) % LABELS, [""] * len(pixels))


def _network(size: int) -> VGG16:
    return initial_network(init="he", seed=0, labels=LABELS, head="gap", size=size, trunk={})


def _bare(network: VGG16, inputs: Inputs, recipe: Recipe, device: torch.device) -> float:
    network.to(device).train()
    rate, size = recipe.variant.phases[0].learning_rate, recipe.train.batch_size
    optimiser = torch.optim.SGD(network.parameters(), lr=rate, fused=device.type == "cuda")
    pixels = torch.from_numpy(inputs.pixels[:size])[:, None].to(device)
    batch, labels = to_input(pixels, "bytes"), torch.from_numpy(inputs.labels[:size]).to(device)
    began, half = 0.0, recipe.train.precision == "bfloat16"
    for iteration in range(recipe.variant.iterations + 1):
        if iteration == 1:  # the first one warms up
            _wait(device)
            began = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            logits = network(batch)
        torch.autograd.backward(torch.nn.functional.cross_entropy(logits.float(), labels))
        optimiser.step()
    _wait(device)
    return recipe.variant.iterations * size / (time.perf_counter() - began)


def _loop(network: VGG16, inputs: Inputs, recipe: Recipe, device: torch.device) -> float:
    recorder = MemoryRecorder()
    train_network(
        network, inputs, inputs, recipe, device,
        make_feeds=feeds_of_pixels, record=recorder.record,
    )  # fmt: skip
    return float(recorder.evaluations[-1].timing.facts["train/images_per_second"])


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    in_one_line(lambda: typer.run(main))
