"""Stage `features`: what every depth of a run responds, before, on the way and after training."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file

from dagm_transfer.analysis.meters.features import (
    AFTER,
    BEFORE,
    PARTS,
    Part,
    When,
    at,
    even_inputs,
    inputs_table,
    meters_file,
    responses_file,
)
from dagm_transfer.analysis.meters.meter import stream
from dagm_transfer.analysis.meters.meters import METERS
from dagm_transfer.analysis.meters.pooled import PooledResponses
from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.analysis.settings import Analysis
from dagm_transfer.core.files import beside, read_json
from dagm_transfer.data.prepared import Inputs, Prepared
from dagm_transfer.events.log import begin_of, check_data, check_source, finished_log
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.network import network_at_end, network_at_start
from dagm_transfer.training.paths import TrainingPaths
from dagm_transfer.training.snapshots import kept_steps, network_at


def features(
    key: str,
    settings: Analysis,
    *,
    data: Prepared,
    trunk: Path,
    trunk_facts: Path,
    root: Path,
    device: torch.device,
    on_batch: Callable[[int, int], None],
) -> None:
    """Stream training and test inputs through a run's network before and after training.

    And through the trunks that it kept on the way.

    Args:
        key: of the run.
        settings: how many inputs.
        data: that it was trained on; those of its seed are taken.
        trunk: the source trunk.
        trunk_facts: its digest.
        root: where the pipeline runs.
        device: where the networks run.
        on_batch: told how many batches are done, of how many, for each network and part.

    Raises:
        UserError: the run is not finished, or was trained on other data or beside another trunk.
    """
    training = TrainingPaths(key)
    begin = begin_of(finished_log(training.log.below(root)))
    data = data.for_seed(begin.seed)
    check_data(begin, data.facts)
    check_source(begin, read_json(trunk_facts))
    initial = network_at_start(begin.params, begin.data, trunk)
    final = network_at_end(begin.params, begin.data, root / training.weights)
    inputs = {part: even_inputs(data.inputs(part), settings.inputs) for part in PARTS}
    with beside(root / AnalysisPaths(key).features) as folder:
        folder.mkdir()
        (folder / "inputs.csv").write_text(inputs_table(inputs), encoding="utf-8")
        last: tuple[When, VGG16] | None = None
        for when, network in _course(initial, final, root / training.snapshots):
            if last and _same_trunk(last[1], network):  # frozen, or kept at the end
                shutil.copytree(folder / last[0], folder / when)
                continue
            for part in PARTS:
                _measure(
                    network,
                    inputs[part],
                    folder,
                    when,
                    part,
                    partial(
                        stream,
                        scale=begin.params["variant"]["input_scale"],
                        batch_size=begin.params["train"]["batch_size"],
                        device=device,
                        on_batch=on_batch,
                    ),
                )
            last = when, network.cpu()


def _course(initial: VGG16, final: VGG16, snapshots: Path) -> Iterator[tuple[When, VGG16]]:
    """The network at each moment, in their order."""
    yield BEFORE, initial
    for step in kept_steps(snapshots):
        yield at(step), network_at(step, snapshots, initial)
    yield AFTER, final


def _same_trunk(initial: VGG16, final: VGG16) -> bool:
    pairs = zip(initial.features.parameters(), final.features.parameters(), strict=True)
    return all(torch.equal(before, after) for before, after in pairs)


def _measure(
    network: VGG16,
    inputs: Inputs,
    folder: Path,
    when: When,
    part: Part,
    streamed: Callable[..., dict[str, torch.Tensor]],
) -> None:
    meters = {name: make() for name, make in METERS.items()}
    file_of = partial(responses_file, folder, when, part)
    with PooledResponses(file_of, len(inputs.labels)) as pooled:
        found = streamed(network, inputs, {**meters, "pooled": pooled})
    save_file(found, meters_file(folder, when, part))
