"""What the finished runs say, gathered from their logs and tables, and which one is the best."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from dagm_transfer.analysis.paths import INPUTS, AnalysisPaths
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, Evaluation
from dagm_transfer.events.log import LogFiles, begin_of, end_of, finished_log
from dagm_transfer.judging.judgement import JudgedRows, read_judgement
from dagm_transfer.judging.settings import Judge
from dagm_transfer.metrics.convergence import is_rising
from dagm_transfer.training.paths import TrainingPaths, run_key

Curve = tuple[list[int], list[float]]


@dataclass(frozen=True)
class Layers:
    """What was measured of a run's layers.

    Attributes:
        names: from the first convolution to the last.
        values: metric to a value a depth, NaN where a network that is not finite has none.
        inputs: how many test inputs they were measured on.
    """

    names: list[str]
    values: Mapping[str, list[float]]
    inputs: int


@dataclass(frozen=True)
class Result:
    """One finished run.

    Attributes:
        begin: who it is.
        evaluations: of its training.
        metrics: the final ones.
        diverged: whether its training ended because a loss was not finite.
        seconds: that the training took; None where its timings are not there.
        peak_mib: of memory, at most, of the GPU or else of the process; None where it was not told.
        judge: the settings that it was judged with.
        layers: None where they were not measured.
        judged: the test images by kind, `patch` and `image`.
        validated: likewise the validation images, on which the threshold was set.
    """

    begin: Begin
    evaluations: list[Evaluation]
    metrics: Mapping[str, float]
    diverged: bool
    seconds: float | None
    peak_mib: float | None
    judge: Judge
    layers: Layers | None
    judged: Mapping[str, JudgedRows]
    validated: Mapping[str, JudgedRows]

    @property
    def images_per_second(self) -> float | None:
        """The median over the stretches between evaluations; None without timings."""
        told = [e.timing.facts.get("train/images_per_second") for e in self.evaluations]
        return median([speed for speed in told if speed]) if any(told) else None

    @property
    def device(self) -> str:
        """What it was trained on: a GPU by its name, or `a CPU`."""
        gpu: str = self.begin.environment.get("gpu", "a CPU")
        return gpu

    @property
    def overlap(self) -> float:
        """Of the data of its study's seeds."""
        return overlap_of(self.begin.data)

    @property
    def is_rising(self) -> bool:
        """Whether validation accuracy still rose at the end."""
        return is_rising(
            *self.curve("val/accuracy"),
            images=self.begin.data["inputs"]["val"],
            tolerance=self.judge.tolerance,
        )

    def layer(self, metric: str, depths: Iterable[int]) -> float:
        """The mean of a layer metric over depths; NaN where one of them has none."""
        values = self.over_depth(metric)
        return fmean(values[depth - 1] for depth in depths) if values else math.nan

    def over_depth(self, metric: str) -> list[float]:
        """A layer metric at each depth; empty where it was not measured."""
        return self.layers.values.get(metric, []) if self.layers else []

    def curve(self, name: str) -> Curve:
        """Iterations and values of one metric."""
        points = [(e.step, e.metrics[name]) for e in self.evaluations if name in e.metrics]
        return [step for step, _ in points], [value for _, value in points]


Groups = dict[str, list[Result]]


def overlap_of(facts: Mapping[str, Any]) -> float:
    """Test over training images where each seed has another fold; 0 where all have the same data.

    Args:
        facts: of the data of one seed.
    """
    images = facts["images"]
    return images["test"] / images["train"] if facts.get("folds", 1) > 1 else 0.0


def gather(keys: list[tuple[str, int]], root: Path) -> Groups:
    """The results of these runs by variant; only those named, whatever else lies there.

    Layers need not be measured of all of them: what is said of layers rests on fewer runs then.

    Raises:
        UserError: a run is not finished, or not judged.
    """
    found: Groups = {}
    for variant, seed in keys:
        found.setdefault(variant, []).append(read_result(run_key(variant, seed), root))
    return found


def read_result(key: str, root: Path) -> Result:
    """One run's result below a project's root.

    Raises:
        UserError: the run is not finished, not judged, or judged by an earlier release.
    """
    events = finished_log(TrainingPaths(key).log.below(root))
    end = end_of(events)
    judged = read_judgement(key, root)
    return Result(
        begin=begin_of(events),
        evaluations=[event for event in events if isinstance(event, Evaluation)],
        metrics=judged.metrics,
        diverged=end.tags["diverged"] == "true",
        seconds=end.timing.facts.get("seconds"),
        peak_mib=end.timing.facts.get("peak_mib"),
        judge=judged.settings,
        layers=_layers_of(AnalysisPaths(key), root),
        judged=judged.parts["test"],
        validated=judged.parts["val"],
    )


def all_runs(results: Groups) -> list[Result]:
    """Every run, in the order of the variants."""
    return [run for runs in results.values() for run in runs]


def with_layers(results: Groups) -> dict[str, list[tuple[Result, Layers]]]:
    """Those whose layers were measured, with these; a variant that has none is left out."""
    found = {
        variant: [(run, run.layers) for run in runs if run.layers]
        for variant, runs in results.items()
    }
    return {variant: runs for variant, runs in found.items() if runs}


def any_layers(results: Groups) -> Layers:
    """Those of one run: names and number of inputs are the same for all."""
    return next(layers for runs in with_layers(results).values() for _, layers in runs)


def check_data(results: Groups, data: Prepared) -> None:
    """One page tells of one set of data, of which each seed may test another fold.

    Raises:
        UserError: a run was trained on other data than these.
    """
    others = [
        run.begin.key
        for run in all_runs(results)
        if run.begin.data["digest"] != data.for_seed(run.begin.seed).facts["digest"]
    ]
    if others:
        raise UserError(
            f"{', '.join(others)}: trained on other data than data/prepared; "
            "`dvc repro` trains on these"
        )


def champion(results: Groups) -> Result | None:
    """The run to keep: least cost on validation, then least last validation loss.

    The cost is that of the images that are judged, whole ones where there are such. Test images
    have no say in it, and a run that diverged is none to keep.
    """
    runs = [run for run in all_runs(results) if not run.diverged and math.isfinite(_loss(run))]
    return min(runs, key=lambda run: (run.metrics["val/dagm_cost"], _loss(run)), default=None)


def _loss(run: Result) -> float:
    """The last validation loss; NaN where it was not finite."""
    return run.evaluations[-1].metrics.get("val/loss", math.nan)


def _layers_of(paths: AnalysisPaths, root: Path) -> Layers | None:
    if not (root / paths.layers).exists():
        return None
    rows = read_csv(root / paths.layers)
    values: dict[str, list[float]] = {}
    for row in rows:
        values.setdefault(row["metric"], []).append(float(row["value"]))
    inputs = int(end_of(finished_log(LogFiles.at(root / paths.log))).tags[INPUTS])
    return Layers(list(dict.fromkeys(row["name"] for row in rows)), values, inputs)
