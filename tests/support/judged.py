"""Runs that were judged, written as the stage `judge` writes them; no network ever ran."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.events.event import JUDGING, Begin, End, Timing
from dagm_transfer.events.log import write_events
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import COLUMNS, Judged, judged_rows
from dagm_transfer.judging.settings import Judge, Whole
from dagm_transfer.judging.threshold_rule import rule_of
from dagm_transfer.metrics.detection import Costs

GROUPS = ("cloth", "steel")
Images = Sequence[tuple[int, float]]  # label and score of each


def judge_settings(**changes: object) -> Judge:
    """Settings of the stage, but for what is named."""
    settings = {
        "miss_cost": 20.0, "false_alarm_cost": 1.0, "false_alarm_limit": None, "targets": [0.95],
        "tolerance": 0.005, "whole": Whole(stride=16, normal=0, defective=0), **changes,
    }  # fmt: skip
    return Judge(**settings)


def drawn(normal: int, defective: int, apart: float, seed: int = 0, groups: int = 2) -> Images:
    """Images of each group: scores of normals about 0, of defects so far above."""
    random = np.random.default_rng(seed)
    return [
        (2 * group + defect, float(random.normal() + apart * defect))
        for group in range(groups)
        for defect, count in ((0, normal), (1, defective))
        for _ in range(count)
    ]


def write_judged(
    root: Path,
    val: Images,
    test: Images,
    *,
    key: str = "finetune-s0",
    groups: Sequence[str] = GROUPS,
    images: Mapping[str, int] | None = None,
    settings: Judge | None = None,
) -> None:
    """The table and the log of a run whose whole images were judged to have these scores."""
    settings, paths = settings or judge_settings(), JudgingPaths(key)
    parts = {"val": _judged("val", val), "test": _judged("test", test)}
    found = parts["val"]
    costs = Costs(settings.miss_cost, settings.false_alarm_cost)
    threshold = rule_of(settings, "image").threshold(found.scores, found.defective, costs)
    # A patch or two of each image stand in the table as well; they are nobody's whole images.
    rows = [
        row
        for kind in ("patch", "image")
        for part, judged in parts.items()
        for row in judged_rows(part, kind, judged, threshold)
    ]
    write_text(root / paths.table, to_csv(rows, COLUMNS))
    write_json(root / paths.card, {})  # nobody opens its network
    begin = Begin(
        identity="ab", environment={}, key=key, variant=key.partition("-")[0], seed=0,
        kind=JUDGING, source={}, timing=Timing(0.0), params={"judge": settings.model_dump()},
        data={"groups": list(groups), "images": images or {"val": len(val), "test": len(test)}},
    )  # fmt: skip
    metrics = {"test/threshold": threshold - 9, "image/threshold": threshold}
    write_events(root / paths.log, [begin, End(5, metrics, {}, Timing(0.0))])


def _judged(part: str, images: Images) -> Judged:
    labels = np.array([label for label, _ in images], dtype=np.int64)
    scores = np.array([score for _, score in images], dtype=float)
    names = [f"{part}-{number}.png" for number in range(len(images))]
    return Judged(names, labels, labels, scores)
