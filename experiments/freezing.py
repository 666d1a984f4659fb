"""How much of the trunk has to be tuned: fine-tuning from each depth on (Yosinski et al. 2014).

    python experiments/freezing.py

Needs what `dvc repro prepare source` makes; run it in the project's folder. `finetune` is trained
from each of the depths 1 to 14, at two learning rates, in a sweep for each of two seeds, on the
data of its fold. The event logs of the trials go to reports/sweeps/freezing-sSEED, from where
`dvc repro -f report` draws them; trials that are done are not run again.
"""

import shutil
from pathlib import Path

import typer

from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.files import beside
from dagm_transfer.models.vgg16 import HEAD_ONLY
from dagm_transfer.report.found.sweep_logs import FREEZING
from dagm_transfer.sweep.paths import SweepPaths
from linked_sweep import linked_sweep

SEEDS = (0, 1)
RATES = (1e-3, 3e-3)  # the published one is best for all depths, the other for the head alone
ITERATIONS, EVALUATE_EVERY = 60, 5
WORK = Path(".work/freezing")


def main() -> None:
    """Sweep what is not there yet."""
    for seed in SEEDS:
        settings = {
            "base": "finetune", "sampler": "grid", "first": [], "seed": seed,
            "iterations": ITERATIONS, "evaluate_every": EVALUATE_EVERY,
            "space": {"trainable_from": {"low": 1, "high": HEAD_ONLY},
                      "learning_rate": list(RATES)},
        }  # fmt: skip
        study = f"{FREEZING}-s{seed}"
        folder = linked_sweep(study, settings, HEAD_ONLY * len(RATES), WORK)
        with beside(SweepPaths(study).folder) as draft:
            shutil.copytree(folder, draft)


if __name__ == "__main__":
    in_one_line(lambda: typer.run(main))
