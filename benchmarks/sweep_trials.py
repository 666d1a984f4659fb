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

from dagm_transfer.core.files import write_json
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.params import Params, load
from dagm_transfer.sweep.messages import Equipment, Task
from dagm_transfer.sweep.space import depths as depths_of
from dagm_transfer.sweep.worker import Worker, digests_now
from dagm_transfer.training.device import choose_device, environment

RESULTS = Path(__file__).parent / "results" / "sweep_trials.json"


class Nobody:
    """The other end of a connection that nobody listens at."""

    def send(self, message: object) -> None:
        """Drop it."""

    def poll(self) -> bool:
        """Nothing ever comes."""
        return False

    def recv(self) -> object:
        """Nothing."""


def main(
    iterations: Annotated[int, typer.Option(help="of a trial")] = 30,
    sharing: Annotated[int, typer.Option(help="trials of a sweep at each depth")] = 4,
) -> None:
    """Time the trials and write benchmarks/results/sweep_trials.json."""
    params = load(Path("params.yaml"))
    device = choose_device(params.machine.device)
    tried = sorted(depths_of(params.sweep))
    frozen = [depth for depth in tried if depth > 1]
    most = params.machine.cache_max_gib
    with tempfile.TemporaryDirectory() as folder:
        plain = _worker(params, iterations, 0.0, Path(folder), tried)
        without = {depth: _seconds(plain, depth) for depth in tried}
        alone = {
            depth: _seconds(_worker(params, iterations, most, Path(folder) / str(depth), [depth]),
                            depth)
            for depth in frozen
        }  # fmt: skip
        cached = _worker(params, iterations, most, Path(folder), tried)
        first = _seconds(cached, frozen[-1])
        with_it = {depth: _seconds(cached, depth) for depth in frozen}
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


def _worker(
    params: Params, iterations: int, max_gib: float, cache: Path, depths: list[int]
) -> Worker:
    space = {**params.sweep.space, "trainable_from": depths}
    asked = params.model_copy(update={
        "sweep": params.sweep.model_copy(update={"iterations": iterations, "space": space}),
        "machine": params.machine.model_copy(update={"cache_max_gib": max_gib}),
    })  # fmt: skip
    equipment = Equipment(
        params=asked,
        study="timing",
        identity="timing",
        digests=digests_now(),
        device=asked.machine.device,
        threads=torch.get_num_threads(),
        cache=cache,
        provenance={},
    )
    return Worker(equipment, Nobody())


def _seconds(worker: Worker, depth: int) -> float:
    began = time.perf_counter()
    worker.train(Task(0, {"learning_rate": 1e-3, "trainable_from": depth, "momentum": 0.0}))
    return time.perf_counter() - began


if __name__ == "__main__":
    typer.run(main)
