"""What the shared outputs of frozen layers save: trials with and without them.

    python benchmarks/sweep_trials.py

Needs `data/prepared` and the trunk (`dvc repro prepare source`). One trial of each depth that the
sweep of params.yaml may try runs in one process: without any cache; with outputs of its own, made
by itself, as a single training makes them; and with those that a sweep shares, one pass over the
images for all depths. The cost of that pass is spread over all trials that freeze anything.
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import torch
import typer

from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.files import write_json
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import MemoryRecorder
from dagm_transfer.params import Params, load
from dagm_transfer.source.paths import FACTS, TRUNK
from dagm_transfer.sweep.search_space import depths as depths_of
from dagm_transfer.training.device import choose_device, environment
from dagm_transfer.training.feed import MakeFeeds, feeds_of_pixels
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.prefix_cache import PrefixCache
from dagm_transfer.training.run import Run

RESULTS = Path(__file__).parent / "results" / "sweep_trials.json"


def main(
    iterations: Annotated[int, typer.Option(help="of a trial")] = 30,
    sharing: Annotated[int, typer.Option(help="trials of a sweep at each depth")] = 4,
) -> None:
    """Time the trials and write benchmarks/results/sweep_trials.json."""
    params = load(Path("params.yaml"))
    device = choose_device(params.machine.device)
    tried = sorted(depths_of(params.sweep.space))
    frozen = [depth for depth in tried if depth > 1]
    most = params.machine.cache_max_gib

    def seconds(depth: int, make_feeds: MakeFeeds) -> float:
        return _seconds(params, depth, iterations, device, make_feeds)

    with tempfile.TemporaryDirectory() as folder:
        without = {depth: seconds(depth, feeds_of_pixels) for depth in tried}
        alone = {
            depth: seconds(depth, PrefixCache(Path(folder) / str(depth), most)) for depth in frozen
        }
        cache = PrefixCache(Path(folder), most, tried)
        first = seconds(frozen[-1], cache)
        with_it = {depth: seconds(depth, cache) for depth in frozen}
    making = first - with_it[frozen[-1]]
    share = making / (sharing * len(frozen))
    each = {depth: with_it[depth] + share if depth > 1 else without[depth] for depth in tried}
    rows = [
        {
            "trainable_from": depth,
            "without_seconds": round(without[depth], 2),
            "alone_seconds": round(alone.get(depth, without[depth]), 2),
            "with_seconds": round(with_it.get(depth, without[depth]), 2),
            "ratio": round(each[depth] / without[depth], 3),
        }
        for depth in tried
    ]
    for row in rows:
        print(row)
    write_json(RESULTS, {
        "iterations": iterations, "evaluate_every": params.sweep.evaluate_every,
        "inputs": Prepared(PREPARED).facts["inputs"], "trials_a_depth": sharing,
        "making_seconds": round(making, 2), "rows": rows,
        "sweep_ratio": round(sum(each.values()) / sum(without.values()), 3),
        "sweep_ratio_to_alone": round(
            sum(each.values()) / (sum((without | alone).values())), 3
        ),
        **environment(device),
    })  # fmt: skip


def _seconds(
    params: Params, depth: int, iterations: int, device: torch.device, make_feeds: MakeFeeds
) -> float:
    """Of one trial, trained as a sweep's worker trains it."""
    sweep = params.sweep.model_copy(update={"iterations": iterations})
    asked = params.model_copy(update={"sweep": sweep})
    point = {"learning_rate": 1e-3, "trainable_from": depth, "momentum": 0.0}
    settings, model = asked.point(point)
    began = time.perf_counter()
    run = Run("timing", 0, settings, model, params.train, Prepared(PREPARED), TRUNK, FACTS)
    train_network(
        run.initial_network(),
        run.data.inputs("train"),
        run.data.inputs("val"),
        run.recipe,
        device,
        make_feeds=make_feeds,
        record=MemoryRecorder().record,
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    in_one_line(lambda: typer.run(main))
