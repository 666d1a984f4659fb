"""Training of students: one that is finished is kept, one that was killed begins anew."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from dagm_transfer.core.files import beside, digest_of_file
from dagm_transfer.events.event import Begin, End, Event, Recorder, Timing, record_all
from dagm_transfer.events.log import begin_of, end_of, is_finished, read_log, write_log
from dagm_transfer.inspection.students.student_run import StudentRun
from dagm_transfer.models.vgg16 import VGG16, Widths
from dagm_transfer.training.device import environment
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import Loss, train_network
from dagm_transfer.training.network import load_weights
from dagm_transfer.training.paths import WEIGHTS

LEFT = "weights"  # a tag of a training's end: the sha256 of the weights that it left


@dataclass(frozen=True)
class TrainedNetwork:
    """A network in evaluation mode, and what its training's log says."""

    network: VGG16
    widths: Widths
    weights: Path
    begin: Begin
    end: End


@dataclass(frozen=True)
class Surroundings:
    """Where students are trained, and who hears of it.

    Attributes:
        root: where the pipeline runs.
        device: where networks run.
        watchers: are told the events of each training.
        provenance: where the trainings come from.
        say: told in a line of what is passed over.
    """

    root: Path
    device: torch.device
    watchers: Sequence[Recorder]
    provenance: Mapping[str, str]
    say: Callable[[str], None]


def finished_student(run: StudentRun, around: Surroundings) -> TrainedNetwork | None:
    """The student as an earlier call left it; None where it did not, or left another."""
    divisor = run.size.divisor
    events = read_log(run.paths.log(divisor).below(around.root))
    weights = around.root / run.paths.inspector(divisor) / WEIGHTS
    if not is_finished(events) or not weights.exists():
        return None
    begin, end = begin_of(events), end_of(events)
    asked = run.identity, environment(around.device), digest_of_file(weights)
    if (begin.identity, begin.environment, end.tags[LEFT]) != asked:
        return None
    around.say(f"{run.key}: is trained already")
    network = VGG16(len(begin.data["labels"]), run.model.head, begin.data["size"], run.widths)
    return TrainedNetwork(load_weights(network, weights), run.widths, weights, begin, end)


def trained_student(run: StudentRun, loss: Loss, around: Surroundings) -> TrainedNetwork:
    """Train a student and leave its weights, then its log."""
    begin = run.begin(environment(around.device), around.provenance)
    events: list[Event] = []

    def record(event: Event) -> None:
        events.append(event)
        record_all(around.watchers, event)

    record(begin)
    network = run.initial_network()
    outcome = train_network(
        network,
        run.data.inputs("train"),
        run.data.inputs("val"),
        run.recipe,
        around.device,
        make_feeds=feeds_of_pixels,
        record=record,
        loss=loss,
    )
    weights = around.root / run.paths.inspector(run.size.divisor) / WEIGHTS
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
    write_log(run.paths.log(run.size.divisor).below(around.root), events)
    return TrainedNetwork(network.eval(), run.widths, weights, begin, end)
