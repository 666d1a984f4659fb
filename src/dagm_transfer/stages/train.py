"""Stage `train`: one run, from its initial network to its weights, its log and its curve."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.event import (
    TRAINING,
    End,
    Evaluation,
    Event,
    Recorder,
    Timing,
    record_all,
)
from dagm_transfer.events.identity import run_name
from dagm_transfer.events.log import JsonlRecorder, LogFiles, copy_log
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.checkpoint import Checkpoint, read_checkpoint
from dagm_transfer.training.device import environment
from dagm_transfer.training.loop import Workspace, train_network
from dagm_transfer.training.memory import peak_mebibytes
from dagm_transfer.training.paths import TrainingPaths
from dagm_transfer.training.prefix_cache import PrefixCache
from dagm_transfer.training.run import Run
from dagm_transfer.training.settings import Machine

CURVE = ("train/loss", "train/accuracy", "val/loss", "val/accuracy")


def train(
    run: Run,
    *,
    machine: Machine,
    device: torch.device,
    paths: TrainingPaths,
    work: WorkPaths,
    watchers: Sequence[Recorder],
    provenance: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Train one run, going on where a killed one stood.

    The caller holds the run's lock. The growing log and the checkpoint lie in the work folder and
    move to the outputs at the end, so nothing half-written is an output.

    Args:
        run: what to train.
        machine: how often a checkpoint is written, and what may be kept in memory.
        device: where to train.
        paths: its outputs.
        work: what outlives the stage.
        watchers: are told every event besides the log; one that joins late is told the past first.
        provenance: where the run comes from.
        say: told in a line where the past could not be read.
    """
    surroundings = environment(device)
    name = run_name(run.identity, surroundings)
    workspace = Workspace(work.run(name), machine.checkpoint_every)
    events, start = _past(workspace, say)
    log = JsonlRecorder(_log_in(workspace))
    for event in events:
        record_all(watchers, event)

    def record(event: Event) -> None:
        events.append(event)
        record_all([log, *watchers], event)

    if not events:
        record(run.begin(surroundings, provenance))
    network = run.initial_network()
    outcome = train_network(
        network,
        run.data.inputs("train"),
        run.data.inputs("val"),
        run.recipe,
        device,
        make_feeds=PrefixCache(work.cache, machine.cache_max_gib),
        record=record,
        workspace=workspace,
        start=start,
    )
    record(
        End(
            outcome.iterations,
            {"iterations": outcome.iterations},
            {"diverged": str(outcome.diverged).lower()},
            Timing(
                time.time(),
                {"seconds": round(outcome.seconds, 3), "peak_mib": round(peak_mebibytes(device))},
            ),
        )
    )
    _write_outputs(paths, network, [e for e in events if isinstance(e, Evaluation)], workspace)
    copy_log(log.files, paths.log)
    copy_log(log.files, LogFiles.at(work.finished_log(name, TRAINING)))
    shutil.rmtree(workspace.folder)


def _log_in(workspace: Workspace) -> LogFiles:
    return LogFiles.at(workspace.folder / "log.jsonl")


def _past(
    workspace: Workspace, say: Callable[[str], None]
) -> tuple[list[Event], Checkpoint | None]:
    """A killed run's checkpoint, and its log up to there; without one the run begins anew."""
    try:
        checkpoint = read_checkpoint(workspace.checkpoint)
        if checkpoint and (kept := JsonlRecorder(_log_in(workspace)).keep_until(checkpoint.step)):
            return kept, checkpoint
    except UserError as error:
        say(f"{error}: the run begins anew")
    shutil.rmtree(workspace.folder, ignore_errors=True)
    return [], None


def _write_outputs(
    paths: TrainingPaths, network: VGG16, evaluations: list[Evaluation], workspace: Workspace
) -> None:
    with beside(paths.weights) as draft:
        state = network.cpu().state_dict()
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, draft)
    rows = [{"step": e.step, **e.metrics} for e in evaluations]
    write_text(paths.curve, to_csv(rows, ["step", *CURVE]))
    with beside(paths.snapshots) as draft:
        save_file(_snapshots(workspace.folder), draft)


def _snapshots(folder: Path) -> dict[str, torch.Tensor]:
    """The trunks that were kept, each under its iteration."""
    return {
        f"{path.stem.removeprefix('snapshot-')}/{name}": tensor
        for path in sorted(folder.glob("snapshot-*.safetensors"))
        for name, tensor in load_file(path).items()
    }
