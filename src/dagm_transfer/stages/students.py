"""Stages of students: those of one teacher and seed, from their training to their inspectors."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dagm_transfer.core.files import digest_of_file, write_json
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.log import (
    begin_of,
    check_data,
    end_of,
    finished_log,
)
from dagm_transfer.inspection.latency import window_milliseconds
from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.onnx_runtime import logits_of_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.inspection.students.distillation import Answers, taught_by
from dagm_transfer.inspection.students.paths import NO_TEACHER, ClassPaths
from dagm_transfer.inspection.students.settings import Students, StudentSize
from dagm_transfer.inspection.students.student_run import StudentRun, remove_other_sizes
from dagm_transfer.inspection.students.student_table import TEACHER, StudentRow, write_students
from dagm_transfer.inspection.students.student_training import (
    Surroundings,
    TrainedNetwork,
    finished_student,
    trained_student,
)
from dagm_transfer.inspection.students.student_worth import row_of, student_worth, teacher_worth
from dagm_transfer.judging.card import read_card, write_card
from dagm_transfer.judging.card_of_judged import card_of
from dagm_transfer.judging.inspector import GreyNetwork, Inspector, logits_of_network
from dagm_transfer.judging.judged_sets import Progress, judged_sets
from dagm_transfer.judging.paths import CARD, JudgingPaths
from dagm_transfer.judging.settings import Judge
from dagm_transfer.models.vgg16 import PUBLISHED
from dagm_transfer.training.loop import Loss, cross_entropy
from dagm_transfer.training.network import network_at_end
from dagm_transfer.training.paths import TrainingPaths, run_key
from dagm_transfer.training.settings import Model, Train


@dataclass(frozen=True)
class Setup:
    """What the students of one call have in common.

    Attributes:
        settings: how they are trained, `judge` how they are judged.
        model: kind of head.
        train: what all trainings share.
        data: to train and judge on, `raw` where its whole images lie.
        around: where they are trained, and who hears of it.
        show: makes what is told how much of some other work is done, given its name.
    """

    settings: Students
    judge: Judge
    model: Model
    train: Train
    data: Prepared
    raw: Path
    around: Surroundings
    show: Callable[[str], AbstractContextManager[Progress]]


def students(paths: ClassPaths, setup: Setup) -> list[StudentRow]:
    """Train, judge and hand on the students of one teacher and seed; the rows of their table.

    A student that is finished is not trained again; one whose training was killed begins anew.

    Raises:
        UserError: the teacher is not trained, or was trained on other data.
    """
    teacher = None if paths.teacher == NO_TEACHER else _teacher_of(paths, setup)

    @cache
    def loss() -> Loss:
        return _loss(teacher, setup) if teacher else cross_entropy

    rows: list[StudentRow] = []
    timings: dict[str, dict[str, float]] = {}
    if teacher:
        row, timings[str(TEACHER)] = _of_teacher(teacher, paths, setup)
        rows.append(row)
    divisors = [size.divisor for size in setup.settings.sizes]
    remove_other_sizes(paths, divisors, setup.around.root)
    for size in setup.settings.sizes:
        run = _run(paths, size, teacher, setup)
        trained = finished_student(run, setup.around)
        trained = trained or trained_student(run, loss(), setup.around)
        row, timings[str(size.divisor)] = _judged(trained, paths, size.divisor, setup)
        rows.append(row)
    write_students(setup.around.root / paths.table, rows)
    write_json(setup.around.root / paths.timings, timings)
    return rows


def _teacher_of(paths: ClassPaths, setup: Setup) -> TrainedNetwork:
    files = TrainingPaths(run_key(paths.teacher, paths.seed))
    events = finished_log(files.log.below(setup.around.root))
    begin, weights = begin_of(events), setup.around.root / files.weights
    check_data(begin, setup.data.facts)
    network = network_at_end(begin.params, begin.data, weights)
    return TrainedNetwork(network, PUBLISHED, weights, begin, end_of(events))


def _loss(teacher: TrainedNetwork, setup: Setup) -> Loss:
    settings, batch_size = setup.settings, setup.train.batch_size
    scale = teacher.begin.params["variant"]["input_scale"]
    with setup.show(f"batches answered by {teacher.begin.key}") as on_batch:
        answers = Answers(
            logits_of_network(teacher.network, scale, batch_size, setup.around.device),
            setup.data.inputs("train").pixels,
            batch_size,
            augment=settings.augment,
            on_batch=on_batch,
        )
    return taught_by(
        answers, settings.input_scale, temperature=settings.temperature, alpha=settings.alpha
    )


def _run(
    paths: ClassPaths, size: StudentSize, teacher: TrainedNetwork | None, setup: Setup
) -> StudentRun:
    return StudentRun(
        paths=paths,
        size=size,
        settings=setup.settings,
        model=setup.model,
        train=setup.train,
        data=setup.data,
        taught_by=digest_of_file(teacher.weights) if teacher else "",
        source=teacher.begin.source if teacher else {},
    )


def _of_teacher(
    teacher: TrainedNetwork, paths: ClassPaths, setup: Setup
) -> tuple[StudentRow, dict[str, float]]:
    """The teacher's own row, as it was judged, and its latency."""
    key = teacher.begin.key
    card = read_card(setup.around.root / JudgingPaths(key).card)
    row = row_of(
        paths,
        TEACHER,
        card,
        teacher.network,
        teacher_worth(key, setup.around.root),
        size_in_bytes=teacher.weights.stat().st_size,
        iterations=teacher.end.step,
    )
    with tempfile.TemporaryDirectory() as folder:
        network = GreyNetwork(teacher.network, card.input_scale)
        write_onnx(Inspector(card, network), Path(folder) / NETWORK)
        return row, window_milliseconds(logits_of_onnx(Path(folder) / NETWORK), card.size)


def _judged(
    trained: TrainedNetwork, paths: ClassPaths, divisor: int, setup: Setup
) -> tuple[StudentRow, dict[str, float]]:
    """The row of a network, and its latency; its card and its ONNX file lie beside it."""
    begin, folder = trained.begin, trained.weights.parent
    scale = begin.params["variant"]["input_scale"]
    logits = logits_of_network(
        trained.network, scale, begin.params["train"]["batch_size"], setup.around.device
    )
    with setup.show(f"judged images of {begin.key}") as on_image:
        sets = judged_sets(
            logits,
            setup.judge,
            data=setup.data,
            read=lambda name: read_pixels(setup.raw / name),
            on_image=on_image,
        )
    digest = digest_of_file(trained.weights)
    card = card_of(begin, setup.judge, sets, trained.widths, digest)
    write_card(card, folder / CARD)
    write_onnx(Inspector(card, GreyNetwork(trained.network.cpu(), scale)), folder / NETWORK)
    row = row_of(
        paths,
        divisor,
        card,
        trained.network,
        student_worth(sets, card),
        size_in_bytes=trained.weights.stat().st_size,
        iterations=trained.end.step,
    )
    return row, window_milliseconds(logits_of_onnx(folder / NETWORK), card.size)
