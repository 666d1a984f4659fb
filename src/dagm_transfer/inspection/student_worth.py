"""What a network of the students' table is worth: a row of it from judged images."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.core.files import read_json
from dagm_transfer.core.tables import read_csv
from dagm_transfer.inspection.student import filters, multiply_adds, parameters
from dagm_transfer.inspection.student_paths import ClassPaths
from dagm_transfer.inspection.student_table import METRICS, StudentRow
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.judged_sets import JudgedSets
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import image_bootstrap_interval, wilson_interval
from dagm_transfer.models.vgg16 import Widths

Bools = NDArray[np.bool_]


def row_of(
    paths: ClassPaths,
    divisor: int,
    card: Card,
    metrics: Mapping[str, float],
    *,
    size_in_bytes: int,
    iterations: int,
) -> StudentRow:
    """One row of the table.

    Args:
        paths: of the students of a teacher and seed.
        divisor: one filter in so many; TEACHER for the teacher itself.
        card: of the judged network.
        metrics: what it is worth.
        size_in_bytes: of the weights' file.
        iterations: that it was trained for.
    """
    first, second = card.hidden
    shape = Widths(tuple(card.convolutions), (first, second)), 2 * len(card.groups), card.head
    return StudentRow(
        teacher=paths.teacher,
        seed=paths.seed,
        divisor=divisor,
        filters=filters(shape[0]),
        parameters=parameters(*shape, card.size),
        multiply_adds=multiply_adds(*shape, card.size),
        bytes=size_in_bytes,
        iterations=iterations,
        data=card.data,
        metrics={name: metrics[name] for name in METRICS if name in metrics},
    )


def student_worth(sets: JudgedSets, card: Card) -> dict[str, float]:
    """What a student is worth, from the images that it was judged on."""
    val = sets.inputs.val
    found = {
        "val/accuracy": float((val.predicted == val.labels).mean()),
        "val/dagm_cost": card.validation_cost,
        **sets.metrics(Costs(card.costs.miss, card.costs.false_alarm)),
    }
    for prefix, judged in sets.by_prefix().items():
        test = judged.test
        found |= _ends(prefix, judged.kind, test.predicted == test.labels, test.images)
    return found


def teacher_worth(key: str, root: Path) -> dict[str, float]:
    """What a teacher is worth, as the stage `judge` left it.

    Args:
        key: of the run.
        root: where the pipeline runs.
    """
    paths = JudgingPaths(key)
    found: dict[str, float] = read_json(root / paths.metrics)
    rows = read_csv(root / paths.table)
    by_windows = any(row["kind"] == "patch" for row in rows)
    for part in ("val", "test"):
        for kind in {row["kind"] for row in rows}:
            some = [row for row in rows if (row["part"], row["kind"]) == (part, kind)]
            right = np.array([row["label"] == row["judged"] for row in some])
            prefix = "image" if by_windows and kind == "image" else "test"
            if part == "test":
                found |= _ends(prefix, kind, right, [row["image"] for row in some])
            elif prefix == "test":
                found["val/accuracy"] = float(right.mean())
    return found


def _ends(prefix: str, kind: str, right: Bools, images: Sequence[str]) -> dict[str, float]:
    """The 95 % interval of an accuracy: over the images, which patches share."""
    if kind == "patch":
        low, high = image_bootstrap_interval(right, list(images))
    else:
        low, high = wilson_interval(int(right.sum()), len(right))
    return {f"{prefix}/accuracy_low": low, f"{prefix}/accuracy_high": high}
