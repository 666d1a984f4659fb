"""Stage `judge`: what a trained network is worth, and the card that it is handed on with."""

from dataclasses import replace
from pathlib import Path

import torch

from dagm_transfer.core.files import digest_of_file, write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import JUDGING, Evaluation
from dagm_transfer.events.log import begin_of, check_data, end_of, finished_log, write_events
from dagm_transfer.judging.card import write_card
from dagm_transfer.judging.card_of_judged import card_of
from dagm_transfer.judging.curve import convergence_metrics
from dagm_transfer.judging.inspector import logits_of_network
from dagm_transfer.judging.judged_sets import Progress, costs_of, judged_sets
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import COLUMNS, WINDOW_COLUMNS, judged_rows, window_rows
from dagm_transfer.judging.settings import Judge
from dagm_transfer.models.vgg16 import PUBLISHED
from dagm_transfer.training.network import network_at_end
from dagm_transfer.training.paths import TrainingPaths


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
        data: that it was trained on; those of its seed are taken.
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
    data = data.for_seed(begin.seed)
    check_data(begin, data.facts)
    weights = root / training.weights
    logits = logits_of_network(
        network_at_end(begin.params, begin.data, weights),
        begin.params["variant"]["input_scale"],
        begin.params["train"]["batch_size"],
        device,
    )
    sets = judged_sets(
        logits, settings, data=data, read=lambda name: read_pixels(raw / name), on_image=on_image
    )
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
        **sets.metrics(costs_of(settings)),
    }
    rows = [
        row
        for found in sets.by_prefix().values()
        for part, judged in found.parts()
        for row in judged_rows(part, found.kind, judged, found.threshold)
    ]
    windows = [row for part, judged in sets.headline.parts() for row in window_rows(part, judged)]
    card = card_of(begin, settings, sets, PUBLISHED, digest_of_file(weights))
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
