"""How much of the bare training step's speed the loop keeps.

    python benchmarks/training_step.py

The limit is the same network on one batch that already lies on the device, without logging. Both
are timed in turn, several times, in one process; the ratio of the medians is what counts, the
images a second are this machine's.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.files import write_json
from dagm_transfer.models.initial import initial_network, to_input
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.device import choose_device, environment
from dagm_transfer.training.loop import Recipe, feeds, fit
from dagm_transfer.training.recorder import Evaluation, MemoryRecorder

RESULTS = Path(__file__).parent / "results" / "training_step.json"
LABELS = 12


def main(
    size: Annotated[int, typer.Option(help="of the input, in pixels")] = 64,
    batch_size: int = 32,
    iterations: Annotated[int, typer.Option(help="of each timing")] = 8,
    rounds: int = 5,
    device_name: Annotated[str, typer.Option("--device")] = "auto",
    precision: str = "float32",
) -> None:
    """Time both and write benchmarks/results/training_step.json."""
    device = choose_device(device_name)
    inputs = _inputs(size)
    recipe = Recipe(
        seed=0, input_scale="bytes", augment=True, trainable_from=1, learning_rate=1e-3,
        momentum=0.0, weight_decay=0.0, iterations=iterations, evaluate_every=iterations,
        batch_size=batch_size, sampling="even", precision="bfloat16" if precision == "bfloat16"
        else "float32", train_subset=LABELS, checkpoint_every=1000, cache_max_gib=0.0,
    )  # fmt: skip
    bare, loop = [], []
    for _ in range(rounds):
        bare.append(_bare(_network(size), inputs, recipe, device))
        loop.append(_loop(_network(size), inputs, recipe, device))
    ratio = statistics.median(loop) / statistics.median(bare)
    result = {
        "size": size, "batch_size": batch_size, "precision": recipe.precision,
        "iterations": iterations, "rounds": rounds,
        "bare_images_per_second": [round(value, 2) for value in bare],
        "loop_images_per_second": [round(value, 2) for value in loop],
        "ratio_of_medians": round(ratio, 4), **environment(device),
    }  # fmt: skip
    write_json(RESULTS.with_stem(f"training_step_{device.type}"), result)
    print(f"bare {bare}\nloop {loop}\nratio of medians {ratio:.3f}")


def _inputs(size: int) -> Inputs:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (20 * LABELS, size, size), dtype=np.uint8)
    return Inputs(pixels, np.arange(len(pixels)) % LABELS, [""] * len(pixels))


def _network(size: int) -> VGG16:
    return initial_network(init="he", seed=0, labels=LABELS, head="gap", size=size, trunk={})


def _bare(network: VGG16, inputs: Inputs, recipe: Recipe, device: torch.device) -> float:
    network.to(device).train()
    optimiser = torch.optim.SGD(
        network.parameters(), lr=recipe.learning_rate, fused=device.type == "cuda"
    )
    pixels = torch.from_numpy(inputs.pixels[: recipe.batch_size])[:, None].to(device)
    batch, labels = (
        to_input(pixels, "bytes"),
        torch.from_numpy(inputs.labels[: recipe.batch_size]).to(device),
    )
    began = 0.0
    for iteration in range(recipe.iterations + 1):
        if iteration == 1:  # the first one warms up
            _wait(device)
            began = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            logits = network(batch)
        torch.autograd.backward(torch.nn.functional.cross_entropy(logits.float(), labels))
        optimiser.step()
    _wait(device)
    return recipe.iterations * recipe.batch_size / (time.perf_counter() - began)


def _loop(network: VGG16, inputs: Inputs, recipe: Recipe, device: torch.device) -> float:
    recorder = MemoryRecorder()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint.pt"
        fed = feeds(network, inputs, inputs, recipe, device)
        fit(network, *fed, recipe, checkpoint=checkpoint, record=recorder.record)
    last = recorder.events[-1]
    assert isinstance(last, Evaluation)
    return last.metrics["train/images_per_second"]


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    typer.run(main)
