"""What the shared outputs of frozen layers save: trials with and without them.

    python benchmarks/sweep_trials.py

Needs `data/prepared` and the trunk (`dvc repro prepare source`). For each depth one trial of the
demo's sweep runs three times in one process: without the cache, with it while it is made, and with
it once it is there. What making it costs is shared by the trials of a sweep that freeze as deep.
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from dagm_transfer.config.params import Params, load
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.files import write_json
from dagm_transfer.places import PREPARED
from dagm_transfer.sweep.messages import Equipment, Task
from dagm_transfer.sweep.worker import Worker
from dagm_transfer.training.device import choose_device, environment

RESULTS = Path(__file__).parent / "results" / "sweep_trials.json"
DEPTHS = (1, 8, 11, 12, 13, 14)


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
    device = choose_device(params.train.device)
    rows = []
    for depth in DEPTHS:
        with tempfile.TemporaryDirectory() as folder:
            cached = _worker(params, iterations, params.train.cache_max_gib, Path(folder))
            plain = _worker(params, iterations, 0.0, Path(folder))
            without, making, with_it = (_seconds(w, depth) for w in (plain, cached, cached))
        each = with_it + max(0.0, making - with_it) / sharing
        rows.append({
            "trainable_from": depth, "without_seconds": round(without, 2),
            "making_seconds": round(max(0.0, making - with_it), 2),
            "with_seconds": round(with_it, 2), "ratio": round(each / without, 3),
        })  # fmt: skip
        print(rows[-1])
    write_json(RESULTS, {
        "iterations": iterations, "evaluate_every": params.sweep.evaluate_every,
        "inputs": Prepared(PREPARED).facts["inputs"], "trials_sharing": sharing, "rows": rows,
        "sweep_ratio": round(_sum(rows, "ratio") / _sum(rows, None), 3), **environment(device),
    })  # fmt: skip


def _sum(rows: list[dict[str, Any]], name: str | None) -> float:
    """Seconds of a sweep with as many trials at each depth: with the cache, or without."""
    return float(sum(row["without_seconds"] * (row[name] if name else 1.0) for row in rows))


def _worker(params: Params, iterations: int, max_gib: float, cache: Path) -> Worker:
    asked = params.model_copy(update={
        "sweep": params.sweep.model_copy(update={"iterations": iterations}),
        "train": params.train.model_copy(update={"cache_max_gib": max_gib}),
    })  # fmt: skip
    equipment = Equipment(
        asked, "timing", "timing", asked.train.device, torch.get_num_threads(), cache, {}
    )
    return Worker(equipment, Nobody())


def _seconds(worker: Worker, depth: int) -> float:
    began = time.perf_counter()
    worker.train(Task(0, {"learning_rate": 1e-3, "trainable_from": depth, "momentum": 0.0}))
    return time.perf_counter() - began


if __name__ == "__main__":
    typer.run(main)
