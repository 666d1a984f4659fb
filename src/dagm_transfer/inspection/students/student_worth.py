"""What a network of the students' table is worth: a row of it from judged images."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dagm_transfer.inspection.layer_sizes import layer_sizes, total
from dagm_transfer.inspection.students.paths import ClassPaths
from dagm_transfer.inspection.students.student_table import METRICS, StudentRow
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.judged_sets import JudgedSets
from dagm_transfer.judging.judgement import read_judgement
from dagm_transfer.judging.scores import Judged
from dagm_transfer.metrics.detection import Bools, Costs
from dagm_transfer.metrics.intervals import image_bootstrap_interval, wilson_interval
from dagm_transfer.models.vgg16 import VGG16


def row_of(
    paths: ClassPaths,
    divisor: int,
    card: Card,
    network: VGG16,
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
        network: the same.
        metrics: what it is worth.
        size_in_bytes: of the weights' file.
        iterations: that it was trained for.
    """
    size = total(layer_sizes(network, card.size))
    return StudentRow(
        teacher=paths.teacher,
        seed=paths.seed,
        divisor=divisor,
        filters=size.channels,
        parameters=size.parameters,
        multiply_adds=size.multiply_adds,
        bytes=size_in_bytes,
        iterations=iterations,
        data=card.data,
        metrics={name: metrics[name] for name in METRICS if name in metrics},
    )


def student_worth(sets: JudgedSets, card: Card) -> dict[str, float]:
    """What a student is worth, from the images that it was judged on."""
    return {
        "val/dagm_cost": card.validation_cost,
        **sets.metrics(Costs(card.costs.miss, card.costs.false_alarm)),
        **_accuracies({each.kind: each.val for each in sets.by_prefix().values()},
                      {each.kind: each.test for each in sets.by_prefix().values()}),
    }  # fmt: skip


def teacher_worth(key: str, root: Path) -> dict[str, float]:
    """What a teacher is worth, as the stage `judge` left it.

    Args:
        key: of the run.
        root: where the pipeline runs.
    """
    run = read_judgement(key, root)
    return {**run.metrics, **_accuracies(run.parts["val"], run.parts["test"])}


def _accuracies(val: Mapping[str, Judged], test: Mapping[str, Judged]) -> dict[str, float]:
    """The accuracy on validation inputs, and 95 % intervals of those on test.

    Args:
        val: by kind, `patch` and `image`.
        test: likewise.
    """
    inputs = "patch" if "patch" in test else "image"
    found = {"val/accuracy": float((val[inputs].predicted == val[inputs].labels).mean())}
    for kind, judged in test.items():
        prefix = "test" if kind == inputs else "image"
        low, high = _interval(kind, judged.predicted == judged.labels, judged.images)
        found |= {f"{prefix}/accuracy_low": low, f"{prefix}/accuracy_high": high}
    return found


def _interval(kind: str, right: Bools, images: Sequence[str]) -> tuple[float, float]:
    """Over the images, which patches share."""
    if kind == "patch":
        return image_bootstrap_interval(right, list(images))
    return wilson_interval(int(right.sum()), len(right))
