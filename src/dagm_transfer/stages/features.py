"""Stage `features`: what every depth of a run responds to the test inputs, before and after."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from dagm_transfer.analysis.meters.meter import stream
from dagm_transfer.analysis.meters.meters import METERS
from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.files import beside, read_json
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.log import begin_of, check_data, check_source, finished_log
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.network import network_at_end, network_at_start
from dagm_transfer.training.paths import TrainingPaths


def features(
    key: str,
    *,
    data: Prepared,
    trunk: Path,
    trunk_facts: Path,
    root: Path,
    device: torch.device,
    on_batch: Callable[[int, int], None],
) -> None:
    """Stream the test inputs through a run's network before and after training.

    Args:
        key: of the run.
        data: that it was trained on.
        trunk: the source trunk.
        trunk_facts: its digest.
        root: where the pipeline runs.
        device: where the networks run.
        on_batch: told how many batches are done, of how many, for each network.

    Raises:
        UserError: the run is not finished, or was trained on other data or beside another trunk.
    """
    training = TrainingPaths(key)
    begin = begin_of(finished_log(training.log.below(root)))
    check_data(begin, data.facts)
    check_source(begin, read_json(trunk_facts))
    before = network_at_start(begin.params, begin.data, trunk)
    after = network_at_end(begin.params, begin.data, root / training.weights)
    test = data.inputs("test")

    def measured(network: VGG16) -> dict[str, Tensor]:
        return stream(
            network,
            test,
            {name: make() for name, make in METERS.items()},
            scale=begin.params["variant"]["input_scale"],
            batch_size=begin.params["train"]["batch_size"],
            device=device,
            on_batch=on_batch,
        )

    same = _same_trunk(before, after)  # a frozen trunk gives what it gave before
    found = {"before": measured(before)}
    found["after"] = found["before"] if same else measured(after)
    tensors = {
        f"{when}/{name}": tensor.clone()
        for when, results in found.items()
        for name, tensor in results.items()
    }
    with beside(root / AnalysisPaths(key).features) as draft:
        save_file(tensors, draft)


def _same_trunk(initial: VGG16, final: VGG16) -> bool:
    pairs = zip(initial.features.parameters(), final.features.parameters(), strict=True)
    return all(torch.equal(before, after) for before, after in pairs)
