"""Stage `judge`: what a trained network is worth, and the card that it is handed on with."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from dagm_transfer.core.files import digest_of, digest_of_file, write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Part, Prepared
from dagm_transfer.events.event import JUDGING, Begin, Evaluation
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.events.log import begin_of, check_data, end_of, finished_log, write_events
from dagm_transfer.judging.card import Card, CardCosts, Thresholds, write_card
from dagm_transfer.judging.curve import convergence_metrics
from dagm_transfer.judging.inspector import logits_of_network
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import (
    COLUMNS,
    WINDOW_COLUMNS,
    Judged,
    detection_metrics,
    judge_images,
    judge_inputs,
    judged_rows,
    window_rows,
)
from dagm_transfer.judging.settings import Judge
from dagm_transfer.judging.threshold_rule import rule_of
from dagm_transfer.judging.windows import Bytes, Logits
from dagm_transfer.metrics.detection import Costs, cost_of
from dagm_transfer.models.vgg16 import PUBLISHED
from dagm_transfer.training.network import network_at_end
from dagm_transfer.training.paths import TrainingPaths

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Set:
    """Validation and test images judged alike, and the threshold that was set on the former."""

    kind: str
    val: Judged
    test: Judged
    threshold: float

    def parts(self) -> list[tuple[Part, Judged]]:
        return [("val", self.val), ("test", self.test)]

    def metrics(self, prefix: str, costs: Costs) -> dict[str, float]:
        return detection_metrics(prefix, self.test, self.threshold, costs)


def judge(
    key: str,
    settings: Judge,
    *,
    data: Prepared,
    raw: Path,
    root: Path,
    device: torch.device,
    on_image: Progress,
) -> dict[str, float]:
    """Judge one trained run and write its metrics, table, log and card; the final metrics.

    All that is known of the run comes from its log, not from today's parameters.

    Args:
        key: of the run.
        settings: how to judge.
        data: that it was trained on.
        raw: where the whole images lie.
        root: where the pipeline runs.
        device: where the network runs.
        on_image: told how many whole images are judged, of how many.

    Raises:
        UserError: the run is not finished, or its data are no longer there.
    """
    training, paths = TrainingPaths(key), JudgingPaths(key)
    events = finished_log(training.log.below(root))
    begin, end = begin_of(events), end_of(events)
    check_data(begin, data.facts)
    weights = root / training.weights
    logits = logits_of_network(
        network_at_end(begin.params, begin.data, weights),
        begin.params["variant"]["input_scale"],
        begin.params["train"]["batch_size"],
        device,
    )
    inputs = _set(
        "patch" if data.facts["input"] == "patch" else "image",
        lambda part: _judge_inputs(logits, data, part),
        settings,
    )
    sets = {"test": inputs}
    if data.facts["input"] == "patch":
        counted = _Counted(on_image, sum(len(_chosen(data, p, settings)) for p in ("val", "test")))
        sets["image"] = _set(
            "image",
            lambda part: _judge_wholes(logits, data, part, settings, raw, counted),
            settings,
        )
    headline = [*sets.values()][-1]
    evaluations = [event for event in events if isinstance(event, Evaluation)]
    diverged = end.tags["diverged"] == "true"
    metrics = {
        **end.metrics,
        **convergence_metrics(
            evaluations,
            data.facts,
            targets=settings.targets,
            tolerance=settings.tolerance,
            diverged=diverged,
        ),
    }
    costs = _costs(settings)
    for prefix, found in sets.items():
        metrics |= found.metrics(prefix, costs)
    rows = [
        row
        for found in sets.values()
        for part, judged in found.parts()
        for row in judged_rows(part, found.kind, judged, found.threshold)
    ]
    windows = [row for part, judged in headline.parts() for row in window_rows(part, judged)]
    card = _card(begin, settings, inputs, headline, digest_of_file(weights))
    metrics["val/dagm_cost"] = card.validation_cost
    tags = {"converged": str("convergence/iterations" in metrics).lower()}
    write_card(card, root / paths.card)
    write_text(root / paths.table, to_csv(rows, COLUMNS))
    write_text(root / paths.windows, to_csv(windows, WINDOW_COLUMNS))
    write_json(root / paths.metrics, metrics)
    log = root / paths.log
    asked = {**begin.params, "judge": settings.model_dump()}
    judging = replace(begin, kind=JUDGING, params=asked)
    write_events(log, [judging, replace(end, metrics=metrics, tags=tags)])
    return metrics


def _set(kind: str, judge_part: Callable[[Part], Judged], settings: Judge) -> _Set:
    val, test, rule = judge_part("val"), judge_part("test"), rule_of(settings, kind)
    return _Set(kind, val, test, rule.threshold(val.scores, val.defective, _costs(settings)))


def _costs(settings: Judge) -> Costs:
    return Costs(settings.miss_cost, settings.false_alarm_cost)


def _judge_inputs(logits: Logits, data: Prepared, part: Part) -> Judged:
    inputs = data.inputs(part)
    return judge_inputs(logits, inputs.pixels, inputs.labels, inputs.images)


def _judge_wholes(
    logits: Logits, data: Prepared, part: Part, settings: Judge, raw: Path, counted: "_Counted"
) -> Judged:
    rows = _chosen(data, part, settings)
    names = [row["image"] for row in rows]

    def pixels() -> Iterator[Bytes]:
        for name in names:
            yield read_pixels(raw / name)
            counted.add()

    return judge_images(
        logits,
        pixels(),
        np.array([int(row["label"]) for row in rows], dtype=np.int64),
        names,
        size=data.facts["size"],
        stride=settings.whole.stride,
    )


def _chosen(data: Prepared, part: Part, settings: Judge) -> list[dict[str, str]]:
    """The whole images of a part that are judged: so many of each label, its kinds in turn."""
    rows = data.images(part)
    seen: Counter[tuple[str, str]] = Counter()
    turns: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, row in enumerate(rows):
        kind = row["label"], row["defect"]
        turns[row["label"]].append((seen[kind], place))  # its number in its kind comes first
        seen[kind] += 1
    chosen: list[int] = []
    for found in turns.values():
        defective = int(rows[found[0][1]]["defective"])
        limit = settings.whole.defective if defective else settings.whole.normal
        chosen += [place for _, place in sorted(found)[: limit or None]]
    return [rows[place] for place in sorted(chosen)]


def _card(
    begin: Begin,
    settings: Judge,
    inputs: _Set,
    headline: _Set,
    weights: str,
) -> Card:
    data, params = begin.data, begin.params
    costs, val = _costs(settings), headline.val
    return Card(
        key=begin.key,
        identity=begin.identity,
        environment=environment_digest(begin.environment),
        groups=data["groups"],
        input=data["input"],
        size=data["size"],
        resize=data["resize"],
        stride=settings.whole.stride if data["input"] == "patch" else None,
        input_scale=params["variant"]["input_scale"],
        head=params["model"]["head"],
        convolutions=list(PUBLISHED.convolutions),
        hidden=list(PUBLISHED.hidden),
        bits=data["bits"],
        thresholds=Thresholds(input=inputs.threshold, image=headline.threshold),
        rule=rule_of(settings, headline.kind),
        costs=CardCosts(miss=costs.miss, false_alarm=costs.false_alarm),
        validation_cost=cost_of(val.scores >= headline.threshold, val.defective, costs),
        validated_on=digest_of([data["digest"], list(val.images)]),
        data=data["digest"],
        weights=weights,
    )


class _Counted:
    """Counts whole images over both parts."""

    def __init__(self, on_image: Progress, total: int):
        self._on_image, self._total, self._done = on_image, total, 0

    def add(self) -> None:
        self._done += 1
        self._on_image(self._done, self._total)
