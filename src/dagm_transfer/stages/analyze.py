"""Stage `analyze`: what training did to the layers, in one pass over the data for each network."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.errors import UserError
from dagm_transfer.files import beside, copy_file, write_text
from dagm_transfer.metrics.sparsity import active_channel_share, dead_channel_share
from dagm_transfer.metrics.weight_change import weight_angle, weight_change_rate
from dagm_transfer.models.initial import InputScale, load_weights, to_input
from dagm_transfer.models.vgg16 import DEPTHS, NAMES, VGG16, layer_key
from dagm_transfer.places import RunPlaces, WorkPlaces
from dagm_transfer.stages.run import Run
from dagm_transfer.tables import to_csv
from dagm_transfer.training.device import choose_device
from dagm_transfer.training.recorder import (
    Begin,
    End,
    Evaluation,
    Event,
    JsonlRecorder,
    Recorder,
    read_log,
    record_all,
)

# `sparsity_initial` is the control: the same data through the network before training, that is
# the source trunk for transfer and a fresh trunk for scratch.
METRICS = ("weight_change", "weight_angle", "sparsity", "sparsity_initial",
           "active_channels", "active_channels_initial")  # fmt: skip
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Use:
    """How much of each layer the data use: a value for each depth."""

    sparsity: list[float]
    active_channels: list[float]


def analyze(
    run: Run,
    *,
    places: RunPlaces,
    work: WorkPlaces,
    watchers: Sequence[Recorder],
    on_batch: Progress,
) -> None:
    """Write the layer table of a trained run and log it under the run's identity.

    The data are the test inputs; a channel is dead if it never exceeds 0 on them.
    """
    begin = _begin(places.log)
    device = choose_device(run.train.device)
    initial, final = run.initial_network(), load_weights(run.initial_network(), places.model)
    test, scale = run.data.inputs("test"), run.settings.input_scale
    uses: list[Use] = []
    for turn, network in enumerate((initial, final)):
        if turn and _same_trunk(initial, final):
            uses.append(uses[0])  # a frozen trunk gives what it gave before
            continue
        uses.append(
            layer_use(network.to(device), test, scale, run.train.batch_size, device, on_batch)
        )
    rows = _rows(initial.cpu(), final.cpu(), *uses)
    write_text(places.layers, to_csv(rows, ["depth", "name", *METRICS]))
    with beside(places.layers_log) as draft:
        log = JsonlRecorder(draft)
        for event in _events(begin, rows):
            record_all([log, *watchers], event)
    copy_file(places.layers_log, work.finished_log(begin.identity, "layers"))


def layer_use(
    network: VGG16,
    inputs: Inputs,
    scale: InputScale,
    batch_size: int,
    device: torch.device,
    on_batch: Progress,
) -> Use:
    """Dead and active channels of each depth over the inputs, streaming: never all activations."""
    network.eval()
    maxima: dict[int, list[torch.Tensor]] = {depth: [] for depth in DEPTHS}
    batches = range(0, len(inputs.labels), batch_size)
    for done, first in enumerate(batches, start=1):
        pixels = torch.from_numpy(inputs.pixels[first : first + batch_size].copy())[:, None]
        with torch.inference_mode():
            for depth, output in network.activations(to_input(pixels.to(device), scale)):
                maxima[depth].append(output.amax(dim=(2, 3)).cpu())
        on_batch(done, len(batches))
    by_depth = [torch.cat(maxima[depth]) for depth in DEPTHS]
    return Use(
        sparsity=[_unless_nan(dead_channel_share, images.amax(dim=0)) for images in by_depth],
        active_channels=[_unless_nan(active_channel_share, images) for images in by_depth],
    )


def _unless_nan(metric: Callable[[torch.Tensor], float], maxima: torch.Tensor) -> float:
    """A metric of channel maxima; NaN where a diverged network has none."""
    return math.nan if maxima.isnan().any() else metric(maxima)


def _begin(log: Path) -> Begin:
    first = next(iter(read_log(log)), None)
    if not isinstance(first, Begin):
        raise UserError(f"{log}: no training's log yet; `dvc repro` trains it")
    return first


def _same_trunk(initial: VGG16, final: VGG16) -> bool:
    pairs = zip(initial.features.parameters(), final.features.parameters(), strict=True)
    return all(torch.equal(before.cpu(), after.cpu()) for before, after in pairs)


def _rows(initial: VGG16, final: VGG16, before: Use, after: Use) -> list[dict[str, str | float]]:
    rows: list[dict[str, str | float]] = []
    for place, depth in enumerate(DEPTHS):
        kernels = (initial.conv(depth).weight.detach(), final.conv(depth).weight.detach())
        rows.append(
            {
                "depth": depth,
                "name": NAMES[place],
                "weight_change": weight_change_rate(*kernels),
                "weight_angle": weight_angle(*kernels),
                "sparsity": after.sparsity[place],
                "sparsity_initial": before.sparsity[place],
                "active_channels": after.active_channels[place],
                "active_channels_initial": before.active_channels[place],
            }
        )
    return rows


def _events(begin: Begin, rows: list[dict[str, str | float]]) -> list[Event]:
    """The layer metrics twice: one curve over depth, and one value under each layer's name.

    What is not finite, after a training that diverged, is left out.
    """
    now = time.time()
    events: list[Event] = [
        Begin(**{**begin.__dict__, "kind": "layers", "time": now}),
    ]
    values: dict[str, float] = {}
    for row in rows:
        depth = int(row["depth"])
        layer = {name: float(row[name]) for name in METRICS if math.isfinite(float(row[name]))}
        events.append(
            Evaluation(depth, {f"layers/{name}": value for name, value in layer.items()}, now)
        )
        values |= {f"{name}/{layer_key(depth)}": value for name, value in layer.items()}
    return [*events, End(0, values, {}, now)]
