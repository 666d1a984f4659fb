"""Stages of students: those of one teacher and seed, from their training to their inspectors."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import save_file

from dagm_transfer.core.files import beside, digest_of_file, write_json
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Event, Recorder, Timing, record_all
from dagm_transfer.events.log import (
    begin_of,
    check_data,
    end_of,
    finished_log,
    is_finished,
    read_log,
    write_log,
)
from dagm_transfer.inspection.distillation import Answers, taught_by
from dagm_transfer.inspection.latency import window_milliseconds
from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.onnx_runtime import logits_of_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.inspection.settings import Students, StudentSize
from dagm_transfer.inspection.student_paths import NO_TEACHER, ClassPaths
from dagm_transfer.inspection.student_run import StudentRun, remove_other_sizes
from dagm_transfer.inspection.student_table import TEACHER, StudentRow, write_students
from dagm_transfer.inspection.student_worth import row_of
from dagm_transfer.judging.card import write_card
from dagm_transfer.judging.inspector import GreyNetwork, Inspector, logits_of_network
from dagm_transfer.judging.judged_sets import Progress, card_of, judged_sets
from dagm_transfer.judging.paths import CARD
from dagm_transfer.judging.settings import Judge
from dagm_transfer.models.vgg16 import PUBLISHED, VGG16, Widths
from dagm_transfer.training.device import environment
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import Loss, cross_entropy, train_network
from dagm_transfer.training.network import load_weights, network_at_end
from dagm_transfer.training.paths import WEIGHTS, TrainingPaths, run_key
from dagm_transfer.training.settings import Model, Train

LEFT = "weights"  # a tag of a training's end: the sha256 of the weights that it left


@dataclass(frozen=True)
class Setup:
    """What the students of one call have in common.

    Attributes:
        settings: how they are trained, `judge` how they are judged.
        model: kind of head.
        train: what all trainings share.
        data: to train and judge on, `raw` where its whole images lie.
        root: where the pipeline runs.
        device: where networks run.
        watchers: are told the events of each training.
        provenance: where the trainings come from.
        show: makes what is told how much of some other work is done, given its name.
        say: told in a line of what is passed over.
    """

    settings: Students
    judge: Judge
    model: Model
    train: Train
    data: Prepared
    raw: Path
    root: Path
    device: torch.device
    watchers: Sequence[Recorder]
    provenance: Mapping[str, str]
    show: Callable[[str], AbstractContextManager[Progress]]
    say: Callable[[str], None]


@dataclass(frozen=True)
class _Trained:
    """A network in evaluation mode, and what its training's log says."""

    network: VGG16
    widths: Widths
    weights: Path
    begin: Begin
    end: End


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

    rows, timings = [], {}
    if teacher:
        with tempfile.TemporaryDirectory() as scratch:
            judged = _judged(teacher, paths, TEACHER, Path(scratch), setup)
        rows.append(judged[0])
        timings[str(TEACHER)] = judged[1]
    divisors = [size.divisor for size in setup.settings.sizes]
    remove_other_sizes(paths, divisors, setup.root)
    for size in setup.settings.sizes:
        run = _run(paths, size, teacher, setup)
        trained = _finished(run, setup) or _train(run, loss(), setup)
        folder = setup.root / paths.inspector(size.divisor)
        row, timings[str(size.divisor)] = _judged(trained, paths, size.divisor, folder, setup)
        rows.append(row)
    write_students(setup.root / paths.table, rows)
    write_json(setup.root / paths.timings, timings)
    return rows


def _teacher_of(paths: ClassPaths, setup: Setup) -> _Trained:
    files = TrainingPaths(run_key(paths.teacher, paths.seed))
    events = finished_log(files.log.below(setup.root))
    begin, weights = begin_of(events), setup.root / files.weights
    check_data(begin, setup.data.facts)
    network = network_at_end(begin.params, begin.data, weights)
    return _Trained(network, PUBLISHED, weights, begin, end_of(events))


def _loss(teacher: _Trained, setup: Setup) -> Loss:
    settings, batch_size = setup.settings, setup.train.batch_size
    scale = teacher.begin.params["variant"]["input_scale"]
    with setup.show(f"batches answered by {teacher.begin.key}") as on_batch:
        answers = Answers(
            logits_of_network(teacher.network, scale, batch_size, setup.device),
            setup.data.inputs("train").pixels,
            batch_size,
            augment=settings.augment,
            on_batch=on_batch,
        )
    return taught_by(
        answers, settings.input_scale, temperature=settings.temperature, alpha=settings.alpha
    )


def _run(
    paths: ClassPaths, size: StudentSize, teacher: _Trained | None, setup: Setup
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


def _finished(run: StudentRun, setup: Setup) -> _Trained | None:
    """The student as an earlier call left it; None where it did not, or left another."""
    divisor = run.size.divisor
    events = read_log(run.paths.log(divisor).below(setup.root))
    weights = setup.root / run.paths.inspector(divisor) / WEIGHTS
    if not is_finished(events) or not weights.exists():
        return None
    begin, end = begin_of(events), end_of(events)
    asked = run.identity, environment(setup.device), digest_of_file(weights)
    if (begin.identity, begin.environment, end.tags[LEFT]) != asked:
        return None
    setup.say(f"{run.key}: is trained already")
    network = VGG16(len(begin.data["labels"]), run.model.head, begin.data["size"], run.widths)
    return _Trained(load_weights(network, weights), run.widths, weights, begin, end)


def _train(run: StudentRun, loss: Loss, setup: Setup) -> _Trained:
    begin = run.begin(environment(setup.device), setup.provenance)
    events: list[Event] = []

    def record(event: Event) -> None:
        events.append(event)
        record_all(setup.watchers, event)

    record(begin)
    network = run.initial_network()
    outcome = train_network(
        network,
        run.data.inputs("train"),
        run.data.inputs("val"),
        run.recipe,
        setup.device,
        make_feeds=feeds_of_pixels,
        record=record,
        loss=loss,
    )
    weights = setup.root / run.paths.inspector(run.size.divisor) / WEIGHTS
    state = network.cpu().state_dict()
    with beside(weights) as draft:
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, draft)
    end = End(
        outcome.iterations,
        {"iterations": outcome.iterations},
        {"diverged": str(outcome.diverged).lower(), LEFT: digest_of_file(weights)},
        Timing(time.time(), {"seconds": round(outcome.seconds, 3)}),
    )
    record(end)
    # The log comes last: a student that has one is finished.
    write_log(run.paths.log(run.size.divisor).below(setup.root), events)
    return _Trained(network.eval(), run.widths, weights, begin, end)


def _judged(
    trained: _Trained, paths: ClassPaths, divisor: int, folder: Path, setup: Setup
) -> tuple[StudentRow, dict[str, float]]:
    """The row of a network, and its latency; its card and its ONNX file come into the folder."""
    begin = trained.begin
    scale = begin.params["variant"]["input_scale"]
    logits = logits_of_network(
        trained.network, scale, begin.params["train"]["batch_size"], setup.device
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
        sets,
        size_in_bytes=trained.weights.stat().st_size,
        iterations=trained.end.step,
    )
    return row, window_milliseconds(logits_of_onnx(folder / NETWORK), card.size)
