"""Stage `train`: one run, from its initial network to its weights, log, curve and final metrics."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from dagm_transfer.files import beside, copy_file, write_json, write_text
from dagm_transfer.metrics.convergence import convergence_iteration, first_reaching
from dagm_transfer.metrics.detection import least_cost_threshold
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.places import RunPlaces, WorkPlaces
from dagm_transfer.stages.run import Run
from dagm_transfer.tables import to_csv
from dagm_transfer.training.checkpoint import checkpoint_step
from dagm_transfer.training.device import choose_device, environment
from dagm_transfer.training.judgement import (
    Judged,
    detection_metrics,
    judge_inputs,
    judge_wholes,
    judged_rows,
    with_threshold,
)
from dagm_transfer.training.loop import Outcome, Recipe, feeds, fit
from dagm_transfer.training.recorder import (
    Begin,
    End,
    Evaluation,
    Event,
    JsonlRecorder,
    Recorder,
    record_all,
)
from dagm_transfer.training.windows import Windowing

TARGETS = {"to_95": 0.95, "to_99": 0.99, "to_99_5": 0.995}
CURVE = ("train/loss", "train/accuracy", "val/loss", "val/accuracy", "train/images_per_second")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Final:
    """What a finished run is worth: metrics, tags, and how each tested image was judged."""

    metrics: dict[str, float]
    tags: dict[str, str]
    judged: str


def train(
    run: Run,
    *,
    places: RunPlaces,
    work: WorkPlaces,
    watchers: Sequence[Recorder],
    provenance: dict[str, str],
    on_image: Progress,
) -> dict[str, float]:
    """Train and judge one run, going on where a killed one stood; its final metrics.

    The caller holds the run's lock. The growing log and the checkpoint lie in the work folder and
    move to the outputs at the end, so nothing half-written is an output.

    Args:
        run: what to train.
        places: its outputs.
        work: what outlives the stage.
        watchers: are told every event besides the log; one that joins late is told the past first.
        provenance: what the log says of where the run comes from, besides the machine.
        on_image: told how many whole images are judged, of how many.
    """
    identity = run.identity(Path(__file__))
    folder = work.run(identity)
    checkpoint = folder / "checkpoint.pt"
    log = JsonlRecorder(folder / "log.jsonl")
    device = choose_device(run.train.device)
    events: list[Event] = []

    def record(event: Event) -> None:
        events.append(event)
        record_all([log, *watchers], event)

    for event in _past(log, checkpoint):
        events.append(event)
        record_all(watchers, event)
    if not events:
        record(begin_of(run, identity, {**provenance, **environment(device)}))
    network, recipe = run.initial_network(), recipe_of(run)
    began = time.perf_counter()
    fed = feeds(network, run.data.inputs("train"), run.data.inputs("val"), recipe, device)
    # What frozen layers give is computed here: it belongs to the time that the training took.
    feeding = time.perf_counter() - began
    outcome = fit(
        network,
        *fed,
        recipe,
        checkpoint=checkpoint,
        record=record,
    )
    evaluations = [event for event in events if isinstance(event, Evaluation)]
    outcome = replace(outcome, seconds=feeding + outcome.seconds)
    final = _final(run, network, evaluations, outcome, device, on_image)
    record(End(outcome.iterations, final.metrics, final.tags, time.time()))
    _write_outputs(places, network, evaluations, final, log.path)
    copy_file(log.path, work.finished_log(identity, "train"))
    shutil.rmtree(folder)
    return final.metrics


def _past(log: JsonlRecorder, checkpoint: Path) -> list[Event]:
    """What a killed run's log says up to its checkpoint; without one the run starts anew."""
    if checkpoint.exists() and (kept := log.keep_until(checkpoint_step(checkpoint))):
        return kept
    checkpoint.unlink(missing_ok=True)
    log.path.unlink(missing_ok=True)
    return []


def begin_of(run: Run, identity: str, environment: Mapping[str, str]) -> Begin:
    """The first event of a run's log."""
    return Begin(
        identity=identity,
        key=run.key,
        variant=run.variant,
        seed=run.seed,
        kind="training",
        params=run.params(),
        data=run.data.facts,
        source=run.source,
        environment=environment,
        time=time.time(),
    )


def recipe_of(run: Run) -> Recipe:
    """The settings of the variant and those that all share."""
    settings = run.settings.model_dump(exclude={"init"})
    shared = run.train.model_dump(exclude={"device", "convergence"})
    return Recipe(seed=run.seed, **settings, **shared)


def _final(
    run: Run,
    network: VGG16,
    evaluations: list[Evaluation],
    outcome: Outcome,
    device: torch.device,
    on_image: Progress,
) -> Final:
    """Convergence from the curve, and the worth of the network on test images."""
    metrics = convergence_metrics(run, evaluations, diverged=outcome.diverged)
    scale, batch_size = run.settings.input_scale, run.train.batch_size
    val, test = (
        judge_inputs(network, run.data.inputs(part), scale, batch_size, device)
        for part in ("val", "test")
    )
    threshold = least_cost_threshold(val.scores, val.defective)
    metrics |= detection_metrics("test", test, threshold)
    images, judged = run.data.inputs("test").images, test
    if len(run.data.wholes("test").images):
        judged = _judge_images(run, network, metrics, device, on_image)
        images = run.data.wholes("test").images
    metrics |= {"iterations": outcome.iterations, "seconds": round(outcome.seconds, 3)}
    tags = {
        "converged": str("convergence/iterations" in metrics).lower(),
        "diverged": str(outcome.diverged).lower(),
    }
    rows = list(judged_rows(images, judged))
    return Final(metrics, tags, to_csv(rows, ["image", "label", "judged", "score"]))


def _judge_images(
    run: Run,
    network: VGG16,
    metrics: dict[str, float],
    device: torch.device,
    on_image: Progress,
) -> Judged:
    """Judge whole images with the threshold of least cost on validation; fills in `metrics`."""
    facts = run.data.facts
    windowing = Windowing(
        facts["size"], facts["window_stride"], run.settings.input_scale, run.train.batch_size
    )
    val, test = (
        judge_wholes(network, run.data.wholes(part), windowing, device, on_image)
        for part in ("val", "test")
    )
    threshold = least_cost_threshold(val.scores, val.defective)
    judged = with_threshold(test, threshold)
    metrics |= detection_metrics("image", judged, threshold)
    return judged


def convergence_metrics(
    run: Run, evaluations: list[Evaluation], *, diverged: bool
) -> dict[str, float]:
    """Iterations to convergence and to fixed accuracies; what was never reached is left out.

    A training that diverged has not converged, however long it stood still before.
    """
    facts, rule = run.data.facts, run.train.convergence
    curve = [(e.step, e.metrics["val/accuracy"]) for e in evaluations]
    iterations, accuracies = [step for step, _ in curve], [accuracy for _, accuracy in curve]
    found = {name: first_reaching(iterations, accuracies, t) for name, t in TARGETS.items()}
    if not diverged:
        found["iterations"] = convergence_iteration(
            iterations,
            accuracies,
            images=facts["inputs"]["val"],
            trivial=facts["trivial_accuracy"]["val"],
            patience=rule.patience,
            tolerance=rule.tolerance,
        )
    return {f"convergence/{name}": step for name, step in found.items() if step is not None}


def _write_outputs(
    places: RunPlaces, network: VGG16, evaluations: list[Evaluation], final: Final, log: Path
) -> None:
    with beside(places.model) as draft:
        state = network.cpu().state_dict()
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, draft)
    rows = [{"step": e.step, **e.metrics} for e in evaluations]
    write_text(places.curve, to_csv(rows, ["step", *CURVE]))
    write_text(places.judged, final.judged)
    write_json(places.metrics, final.metrics)
    copy_file(log, places.log)
