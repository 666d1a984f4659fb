"""What a network of the students' table is worth: a row of it from judged images."""

from dagm_transfer.inspection.student import filters, multiply_adds, parameters
from dagm_transfer.inspection.student_paths import ClassPaths
from dagm_transfer.inspection.student_table import METRICS, StudentRow
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.judged_sets import JudgedSet, JudgedSets
from dagm_transfer.judging.scores import Judged
from dagm_transfer.metrics.accuracy import accuracy
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import image_bootstrap_interval, wilson_interval
from dagm_transfer.models.vgg16 import Widths


def row_of(
    paths: ClassPaths,
    divisor: int,
    card: Card,
    sets: JudgedSets,
    *,
    size_in_bytes: int,
    iterations: int,
) -> StudentRow:
    """One row of the table.

    Args:
        paths: of the students of a teacher and seed.
        divisor: one filter in so many; TEACHER for the teacher itself.
        card: of the judged network.
        sets: the judged images.
        size_in_bytes: of the weights' file.
        iterations: that it was trained for.
    """
    first, second = card.hidden
    shape = Widths(tuple(card.convolutions), (first, second)), 2 * len(card.groups), card.head
    val = sets.inputs.val
    known = {
        "val/accuracy": accuracy(val.predicted, val.labels),
        "val/dagm_cost": card.validation_cost,
        **sets.metrics(Costs(card.costs.miss, card.costs.false_alarm)),
        **_accuracy_intervals(sets),
    }
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
        metrics={name: known[name] for name in METRICS if name in known},
    )


def _accuracy_intervals(sets: JudgedSets) -> dict[str, float]:
    found: dict[str, float] = {}
    for prefix, judged_set in sets.by_prefix().items():
        low, high = _interval(judged_set, judged_set.test)
        found |= {f"{prefix}/accuracy_low": low, f"{prefix}/accuracy_high": high}
    return found


def _interval(judged_set: JudgedSet, judged: Judged) -> tuple[float, float]:
    """The 95 % interval of the accuracy: over the images, which patches share."""
    right = judged.predicted == judged.labels
    if judged_set.kind == "patch":
        return image_bootstrap_interval(right, list(judged.images))
    return wilson_interval(int(right.sum()), len(right))
