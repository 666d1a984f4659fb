"""Stage `compare`: pairs of trained runs side by side, and what lies between their weights."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from dagm_transfer.analysis.comparison import (
    PART,
    Key,
    Pooled,
    along_the_line,
    cka_between,
    in_sum,
)
from dagm_transfer.analysis.meters.features import (
    AFTER,
    BEFORE,
    Features,
    When,
    even_inputs,
    one_an_image,
)
from dagm_transfer.analysis.meters.pooled_at import pooled_responses
from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import COMPARISON, AnalysisPaths, ComparisonPaths
from dagm_transfer.analysis.settings import Compare
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside
from dagm_transfer.core.tables import Cell, to_csv
from dagm_transfer.data.prepared import Inputs, Prepared
from dagm_transfer.events.event import Begin
from dagm_transfer.events.log import begin_of, check_data, finished_log
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import DEPTHS, NAMES, VGG16
from dagm_transfer.training.network import network_at_end, network_at_start
from dagm_transfer.training.paths import TrainingPaths, run_key

CKA_COLUMNS = ("a", "b", "depth", "name", "metric", "value")
LINE_COLUMNS = ("a", "b", "t", "loss", "accuracy")
PAIR_COLUMNS = ("a", "b", "metric", "value")
METRICS: dict[When, str] = {AFTER: "cka", BEFORE: "cka_before"}

Rows = list[dict[str, Cell]]


@dataclass(frozen=True)
class _Run:
    """One of the two."""

    begin: Begin
    network: VGG16
    features: Features
    data: Prepared


def compare(
    pairs: Sequence[tuple[Key, Key]],
    seed: int,
    settings: Compare,
    *,
    kept: int,
    data: Prepared,
    trunk: Path,
    root: Path,
    device: torch.device,
    on_step: Callable[[int, int], None],
) -> None:
    """Write the tables of these pairs of runs; without pairs they have no rows.

    Args:
        pairs: variant and seed of both.
        seed: that they are told under.
        settings: places on the line, and on how many inputs.
        kept: of how many inputs the stage `features` kept responses.
        data: that the runs were trained on. Both of a pair are shown the same inputs, which trained
            neither.
        trunk: the source trunk.
        root: where the pipeline runs.
        device: where the networks run.
        on_step: told how many networks between two runs are measured, of how many.

    Raises:
        UserError: a run is not finished, was trained on other data, or responded to other inputs.
    """
    total = len(pairs) * settings.points
    cka: Rows = []
    line: Rows = []
    sums: Rows = []
    for key in dict.fromkeys(key for pair in pairs for key in pair):
        _begin_of(run_key(*key), data, root)  # before hours of work
    for pair in pairs:
        a, b = (_run(run_key(*key), data, root) for key in pair)
        keys: dict[str, Cell] = {"a": a.begin.key, "b": b.begin.key}
        shown = _shown(a, b)
        cka += [{**keys, **row} for row in _cka_rows(a, b, shown, kept, trunk, device)]
        on_the_line = even_inputs(shown, settings.inputs)
        places = []
        for place in along_the_line(
            a.network,
            b.network,
            on_the_line,
            settings.points,
            scales=(_scale(a), _scale(b)),
            batch_size=a.begin.params["train"]["batch_size"],
            device=device,
        ):
            places.append(place)
            on_step(len(line) + len(places), total)
        line += [{**keys, **place._asdict()} for place in places]
        summed = {**in_sum(a.network, b.network, places), "inputs": len(on_the_line.labels)}
        sums += [{**keys, "metric": metric, "value": value} for metric, value in summed.items()]
    with beside(root / folder_of(seed, COMPARISON)) as draft:
        draft.mkdir()
        paths = ComparisonPaths(draft)
        paths.cka.write_text(to_csv(cka, CKA_COLUMNS), encoding="utf-8")
        paths.line.write_text(to_csv(line, LINE_COLUMNS), encoding="utf-8")
        paths.pairs.write_text(to_csv(sums, PAIR_COLUMNS), encoding="utf-8")


def _begin_of(key: str, data: Prepared, root: Path) -> Begin:
    begin = begin_of(finished_log(TrainingPaths(key).log.below(root)))
    check_data(begin, data.for_seed(begin.seed).facts)
    return begin


def _run(key: str, data: Prepared, root: Path) -> _Run:
    begin = _begin_of(key, data, root)
    network = network_at_end(begin.params, begin.data, root / TrainingPaths(key).weights)
    features = Features(root / AnalysisPaths(key).features)
    return _Run(begin, network, features, data.for_seed(begin.seed))


def _scale(run: _Run) -> InputScale:
    scale: InputScale = run.begin.params["variant"]["input_scale"]
    return scale


def _shown(a: _Run, b: _Run) -> Inputs:
    """What trained neither: the test inputs of both; of two folds, what no part of trained one."""
    if a.data == b.data:
        return a.data.inputs(PART)
    of_a, of_b = ([run.data.inputs(part) for part in (PART, "val")] for run in (a, b))
    untrained = {image for inputs in of_b for image in inputs.images}
    rows = [np.flatnonzero([image in untrained for image in inputs.images]) for inputs in of_a]
    return Inputs(
        np.concatenate([inputs.pixels[at] for inputs, at in zip(of_a, rows, strict=True)]),
        np.concatenate([inputs.labels[at] for inputs, at in zip(of_a, rows, strict=True)]),
        [inputs.images[row] for inputs, at in zip(of_a, rows, strict=True) for row in at],
    )


def _cka_rows(
    a: _Run, b: _Run, shown: Inputs, kept: int, trunk: Path, device: torch.device
) -> Rows:
    """On one input an image: from the stored responses where both were shown the same."""
    if a.data == b.data:
        _check_same_inputs(a.features.images(PART), b)
        rows = a.features.apart(PART)
        labels = a.features.labels(PART)[rows]
        responses = partial(_stored, rows=rows)
    else:
        chosen = even_inputs(shown, kept)
        rows = one_an_image(chosen.labels.tolist(), chosen.images)
        labels = chosen.labels[rows]
        responses = partial(_measured, pixels=chosen.pixels[rows], trunk=trunk, device=device)
    found = {
        metric: cka_between(responses(a, when), responses(b, when), labels)
        for when, metric in METRICS.items()
    }
    return [
        {"depth": depth, "name": name, "metric": metric, "value": values[depth - 1]}
        for depth, name in zip(DEPTHS, NAMES, strict=True)
        for metric, values in found.items()
    ]


def _stored(run: _Run, when: When, rows: NDArray[np.int64]) -> Pooled:
    return lambda depth: run.features.responses(when, PART, depth)[rows]


def _measured(
    run: _Run, when: When, pixels: NDArray[np.uint8], trunk: Path, device: torch.device
) -> Pooled:
    network = (
        copy.deepcopy(run.network)  # it moves to the device
        if when == AFTER
        else network_at_start(run.begin.params, run.begin.data, trunk)
    )
    pooled = pooled_responses(
        network.to(device).eval(), pixels, DEPTHS, scale=_scale(run), device=device
    )
    return pooled.__getitem__


def _check_same_inputs(images: Sequence[str], run: _Run) -> None:
    if images != run.features.images(PART):
        raise UserError(
            f"{run.features.folder}: of other inputs than those it is compared on; "
            "`dvc repro features` measures all on the same"
        )
