"""Stage `compare`: pairs of trained runs side by side, and what lies between their weights."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from dagm_transfer.analysis.comparison import (
    PART,
    Key,
    Pooled,
    along_the_line,
    cka_between,
    in_sum,
)
from dagm_transfer.analysis.meters.features import AFTER, BEFORE, Features, When, even_inputs
from dagm_transfer.analysis.meters.pooled_at import pooled_responses
from dagm_transfer.analysis.paths import (
    COMPARED_CKA,
    COMPARED_LINE,
    COMPARED_PAIRS,
    AnalysisPaths,
)
from dagm_transfer.analysis.settings import Compare
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import Cell, to_csv
from dagm_transfer.data.prepared import Prepared
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
        settings: places on the line, and on how many inputs.
        kept: of how many inputs the stage `features` kept responses.
        data: that the runs were trained on. Both of a pair are shown what the first is tested on;
            where each seed tests another fold, the second was trained on some of it.
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
    for pair in pairs:
        a, b = (_run(run_key(*key), data, root) for key in pair)
        keys: dict[str, Cell] = {"a": a.begin.key, "b": b.begin.key}
        cka += [{**keys, **row} for row in _cka_rows(a, b, kept, trunk, device)]
        places = []
        for place in along_the_line(
            a.network,
            b.network,
            even_inputs(a.data.inputs(PART), settings.inputs),
            settings.points,
            scales=(_scale(a), _scale(b)),
            batch_size=a.begin.params["train"]["batch_size"],
            device=device,
        ):
            places.append(place)
            on_step(len(line) + len(places), total)
        line += [{**keys, **place._asdict()} for place in places]
        summed = in_sum(a.network, b.network, places)
        sums += [{**keys, "metric": metric, "value": value} for metric, value in summed.items()]
    write_text(root / COMPARED_CKA, to_csv(cka, CKA_COLUMNS))
    write_text(root / COMPARED_LINE, to_csv(line, LINE_COLUMNS))
    write_text(root / COMPARED_PAIRS, to_csv(sums, PAIR_COLUMNS))


def _run(key: str, data: Prepared, root: Path) -> _Run:
    training = TrainingPaths(key)
    begin = begin_of(finished_log(training.log.below(root)))
    data = data.for_seed(begin.seed)
    check_data(begin, data.facts)
    network = network_at_end(begin.params, begin.data, root / training.weights)
    return _Run(begin, network, Features(root / AnalysisPaths(key).features), data)


def _scale(run: _Run) -> InputScale:
    scale: InputScale = run.begin.params["variant"]["input_scale"]
    return scale


def _cka_rows(a: _Run, b: _Run, kept: int, trunk: Path, device: torch.device) -> Rows:
    labels = a.features.labels(PART)
    found = {
        metric: cka_between(partial(a.features.responses, when, PART), of_b, labels)
        for (when, metric), of_b in zip(
            METRICS.items(), _responses_to_inputs_of(a, b, kept, trunk, device), strict=True
        )
    }
    return [
        {"depth": depth, "name": name, "metric": metric, "value": values[depth - 1]}
        for depth, name in zip(DEPTHS, NAMES, strict=True)
        for metric, values in found.items()
    ]


def _responses_to_inputs_of(
    a: _Run, b: _Run, kept: int, trunk: Path, device: torch.device
) -> Iterator[Pooled]:
    """What the second run responds to the inputs of the first, at each moment of METRICS."""
    if a.data == b.data:
        _check_same_inputs(a.features.images(PART), b)
        yield from (partial(b.features.responses, when, PART) for when in METRICS)
        return
    inputs = even_inputs(a.data.inputs(PART), kept)
    _check_same_inputs(inputs.images, a)
    networks = {
        AFTER: copy.deepcopy(b.network),  # it moves to the device
        BEFORE: network_at_start(b.begin.params, b.begin.data, trunk),
    }
    for when in METRICS:
        pooled = pooled_responses(
            networks[when].to(device).eval(), inputs.pixels, DEPTHS, scale=_scale(b), device=device
        )
        yield pooled.__getitem__


def _check_same_inputs(images: Sequence[str], run: _Run) -> None:
    if images != run.features.images(PART):
        raise UserError(
            f"{run.features.folder}: of other inputs than those it is compared on; "
            "`dvc repro features` measures all on the same"
        )
