"""What experiments/sparsity.py found on the data of a study: runs of fine-tuning, and networks."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.figures.base import Curve

LAST_DEPTH = 13
USUAL = "patches of 64"  # what fine-tuning is watched on
ACCURACY = "val/accuracy"
SHORT, LONG = "finetune", "finetune, long"


class Setting(NamedTuple):
    """A way to fine-tune; `step` is the learning rate over 1 - momentum."""

    step: float
    momentum: float
    warm_up: bool

    @property
    def name(self) -> str:
        """In words.

        >>> Setting(0.015, 0.9, True).name
        'step 0.015, momentum 0.9, warm-up'
        """
        said = [f"step {self.step:g}"]
        said += [f"momentum {self.momentum:g}"] if self.momentum else []
        said += ["warm-up"] if self.warm_up else []
        return ", ".join(said)


# The two that matter: the project's own fine-tuning, and as large a step as still trains.
GENTLE, EDGE = Setting(1e-3, 0.0, warm_up=False), Setting(1.5e-2, 0.9, warm_up=False)
ENDS = {f"finetune, {setting.name}": setting for setting in (GENTLE, EDGE)}


@dataclass(frozen=True)
class Watched:
    """One training: at the last convolution, what each metric was at each iteration."""

    setting: Setting
    seed: int
    curves: Mapping[str, Curve]

    def first(self, metric: str) -> float:
        """Before training."""
        return self.curves[metric][1][0]

    def last(self, metric: str) -> float:
        """At the end; NaN where its responses are no numbers any more."""
        steps, values = self.curves[metric]
        return values[-1] if steps[-1] == self.iterations else math.nan

    @property
    def iterations(self) -> int:
        """How many it took."""
        return int(self.curves[ACCURACY][0][-1])


@dataclass(frozen=True)
class Silence:
    """All of it.

    Attributes:
        watched: the short trainings.
        long: those as long as the study's.
        networks: metric by network and inputs, at the last convolution.
        count: how many patches of the usual size each network was shown, at least.
    """

    watched: list[Watched]
    long: list[Watched]
    networks: Mapping[tuple[str, str], Mapping[str, float]]
    count: int

    def of(self, setting: Setting) -> list[Watched]:
        """The short trainings of one setting, one a seed."""
        return [run for run in self.watched if run.setting == setting]


def read_silence(path: Path, data: Prepared) -> Silence | None:
    """What is known of some data; None where nothing is.

    Args:
        path: experiments/results/sparsity.csv.
        data: with folds, each seed has those of its own.
    """
    rows = read_csv(path) if path.exists() else []
    digests = {seed: data.for_seed(int(seed)).facts["inputs_digest"]
               for seed in {row["seed"] for row in rows}}  # fmt: skip
    rows = [
        row for row in rows
        if row["inputs_digest"] == digests[row["seed"]] and int(row["depth"]) in (0, LAST_DEPTH)
    ]  # fmt: skip
    if not rows:
        return None
    networks: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        if row["network"] not in (SHORT, LONG):
            of = networks.setdefault((row["network"], row["inputs"]), {})
            of[row["metric"]] = float(row["value"])
    usual = [row for row in rows if row["inputs"] == USUAL and int(row["depth"]) == LAST_DEPTH]
    count = min(int(row["count"]) for row in usual)
    return Silence([*_watched(rows, SHORT)], [*_watched(rows, LONG)], networks, count)


def _watched(rows: list[dict[str, str]], network: str) -> Iterator[Watched]:
    found: dict[tuple[Setting, int], dict[str, tuple[list[int], list[float]]]] = {}
    for row in rows:
        if row["network"] != network:
            continue
        setting = Setting(
            float(row["step"]), float(row["momentum"]), row["warm_up"] in ("1", "1.0")
        )
        curves = found.setdefault((setting, int(row["seed"])), {})
        steps, values = curves.setdefault(row["metric"], ([], []))
        steps.append(int(float(row["iteration"])))
        values.append(float(row["value"]))
    for (setting, seed), curves in found.items():
        yield Watched(setting, seed, curves)
