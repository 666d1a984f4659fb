"""What makes channels silent, and when: fine-tuning gently and near the edge of stability.

    python experiments/sparsity.py [--photographs FOLDER]

Needs what `dvc repro prepare source` makes; run it in the project's folder. Fine-tuning with
several steps (learning rate over 1 - momentum), with and without momentum and a warm-up, is looked
at on its way: at every look the responses to the same 256 test patches give the share of dead and
of inactive channels, beside accuracy. Two of the settings go on for as long as the study trained.
Networks at their ends, the source trunk, a fresh one and `scratch_aug` (where the pipeline has
trained it) are shown inputs of other sizes and photographs as well. Each seed has the data of its
fold. All numbers go to experiments/results/sparsity.csv; what is there is not run again.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from safetensors.torch import load_file, save_file

from dagm_transfer.analysis.meters.features import even_inputs
from dagm_transfer.analysis.silence import silence
from dagm_transfer.cli.console import say
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, write_text
from dagm_transfer.data.paths import IMPORTED, PREPARED, RAW
from dagm_transfer.data.photographs import View, photographs_in, shipped_photographs
from dagm_transfer.data.prepared import Inputs, Prepared
from dagm_transfer.events.event import Evaluation
from dagm_transfer.events.log import begin_of, finished_log
from dagm_transfer.models.initial import InputScale, initial_network
from dagm_transfer.models.inits import Init
from dagm_transfer.models.vgg16 import DEPTHS, VGG16
from dagm_transfer.params import PARAMS, Params, load
from dagm_transfer.report.found.silent import EDGE, ENDS, GENTLE, LONG, SHORT, USUAL, Setting
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.stages.prepare import prepare
from dagm_transfer.training.device import choose_device
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.network import network_at_end
from dagm_transfer.training.paths import TrainingPaths
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Phase

RESULTS = Path(__file__).parent / "results" / "sparsity.csv"
WORK = Path(".work/sparsity")
COLUMNS = ("inputs_digest", "network", "step", "momentum", "warm_up", "seed", "iteration", "inputs",
           "count", "depth", "metric", "value")  # fmt: skip
LOOKS = (1, 2, 3, 5, 8, 12, 20, 40, 60, 100)
LATE_LOOKS = (*LOOKS, 200, 400, 800, 1500, 2242)  # 2,242: as long as the study fine-tuned
SHOWN_DEPTHS = (8, 13)  # on the way; at the end all
WARM_UP, GENTLER = 10, 0.1  # iterations at that share of the learning rate
INPUTS = 256
NETWORKS = ("source", "fresh", *ENDS, "scratch_aug")
SIZES = {"patches of 32": ("patch", 32), "patches of 64": ("patch", 64),
         "patches of 128": ("patch", 128), "whole images at 224": ("image", 224)}  # fmt: skip
PHOTOGRAPHS = "photographs"
INPUTS_OF = (*SIZES, PHOTOGRAPHS)
Row = dict[str, Any]


SETTINGS = [
    Setting(*each) for each in product((1e-3, 3e-3, 6e-3, 1.5e-2), (0.0, 0.9), (False, True))
]


def main(
    photographs: Annotated[Path | None, typer.Option(help="of the source domain")] = None,
    results: Annotated[Path, typer.Option(help="where the table goes")] = RESULTS,
) -> None:
    """Run what is not in the table yet."""
    params, data = load(PARAMS), Prepared(PREPARED)
    facts = data.facts
    if (facts["input"], facts["size"]) != ("patch", 64):
        raise UserError("experiments/sparsity.py is about patches of 64 pixels; set data.size")
    table = _Table(results, facts["inputs_digest"])
    wanted: list[tuple[Setting, int, Sequence[int]]]
    wanted = [(setting, seed, LOOKS) for seed in range(3) for setting in SETTINGS]
    wanted += [(setting, seed, LOOKS) for setting in (GENTLE, EDGE) for seed in (3, 4)]
    wanted += [(setting, 0, LATE_LOOKS) for setting in (GENTLE, EDGE)]
    for number, (setting, seed, looks) in enumerate(wanted, start=1):
        network = SHORT if looks == LOOKS else LONG
        if not table.has(network, setting, seed):
            table.add(_trained(params, data.for_seed(seed), network, setting, seed, looks))
            say(f"{number}/{len(wanted)}  {network}: {setting.name}, seed {seed}")
    for name in INPUTS_OF:
        left = [network for network in NETWORKS if not table.has_inputs(network, name)]
        inputs = _inputs(name, params, data, photographs) if left else None
        for network in left:
            found = _network(network, params, data)
            if inputs and found:
                about = {"network": network, "seed": 0, "inputs": name}
                table.add(_looked(*found, inputs, about, DEPTHS))
                say(f"{network} on {name}")


def _learning_rate(setting: Setting) -> float:
    """Of the iterations after the warm-up."""
    return float(f"{setting.step * (1 - setting.momentum):.6g}")


def _phases(setting: Setting, iterations: int) -> list[Phase]:
    """With the warm-up, where there is one."""

    def phase(share: float, count: int) -> Phase:
        rate = share * _learning_rate(setting)
        return Phase(trainable_from=1, learning_rate=rate, iterations=count)

    if not setting.warm_up:
        return [phase(1.0, iterations)]
    return [phase(GENTLER, WARM_UP), phase(1.0, iterations - WARM_UP)]


class _Table:
    """The rows so far, of these data and of others."""

    def __init__(self, path: Path, digest: str):
        self._path, self._digest = path, digest
        self._rows = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=list(COLUMNS))

    def has(self, network: str, setting: Setting, seed: int) -> bool:
        """Whether a training is there; it is written when it is over."""
        wanted = {**setting._asdict(), "warm_up": int(setting.warm_up), "seed": seed}
        return self._has({"network": network, **wanted})

    def has_inputs(self, network: str, inputs: str) -> bool:
        """Whether a network was shown some inputs."""
        return self._has({"network": network, "inputs": inputs})

    def _has(self, wanted: Row) -> bool:
        same = self._rows["inputs_digest"] == self._digest
        for name, value in wanted.items():
            same &= self._rows[name] == value
        return bool(same.any())

    def add(self, rows: Sequence[Row]) -> None:
        """Write the table with some more rows."""
        new = pd.DataFrame(
            [{"inputs_digest": self._digest, **row} for row in rows], columns=list(COLUMNS)
        )
        self._rows = pd.concat([self._rows, new]) if len(self._rows) else new
        write_text(self._path, self._rows.to_csv(index=False, lineterminator="\n"))


def _trained(
    params: Params, data: Prepared, name: str, setting: Setting, seed: int, looks: Sequence[int]
) -> list[Row]:
    base = params.variants["finetune"]
    variant = base.model_copy(
        update={"momentum": setting.momentum, "phases": _phases(setting, looks[-1]),
                "evaluate_every": looks[-1]},
    )  # fmt: skip
    shared = params.train.model_copy(update={"snapshots": list(looks), "train_subset": 32})
    network = _start(params, data, seed)
    shown, val = (even_inputs(data.inputs(part), INPUTS) for part in ("test", "val"))
    about: Row = {"network": name, "step": setting.step, "momentum": setting.momentum,
                  "warm_up": int(setting.warm_up), "seed": seed}  # fmt: skip
    rows: list[Row] = []

    def look(evaluation: Evaluation) -> None:
        here = {**about, "iteration": evaluation.step, "inputs": USUAL}
        depths = DEPTHS if evaluation.step == looks[-1] else SHOWN_DEPTHS
        rows.extend(_looked(network, variant.input_scale, shown, here, depths))
        rows.append({**here, "count": len(val.pixels), "depth": 0, "metric": "val/accuracy",
                     "value": round(evaluation.metrics["val/accuracy"], 5)})  # fmt: skip
        network.train()  # as the training left it

    train_network(
        network, data.inputs("train"), val, Recipe(variant, shared, seed),
        choose_device(params.machine.device), make_feeds=feeds_of_pixels, record=look,
    )  # fmt: skip
    if seed == 0 and looks == LOOKS and setting in (GENTLE, EDGE):
        with beside(_end_of(setting)) as draft:
            save_file({k: v.contiguous() for k, v in network.state_dict().items()}, draft)
    return rows


def _start(params: Params, data: Prepared, seed: int, init: Init = "imagenet") -> VGG16:
    return initial_network(
        init=init, seed=seed, labels=len(data.facts["labels"]), head=params.model.head,
        size=data.facts["size"], trunk=load_file(TRUNK),
    )  # fmt: skip


def _looked(
    network: VGG16, scale: InputScale, inputs: Inputs, about: Row, depths: Sequence[int]
) -> list[Row]:
    device = next(network.parameters()).device
    return [
        {**about, "count": len(inputs.pixels), "depth": depth, "metric": metric,
         "value": round(value, 5)}
        for depth, found in silence(network, inputs, depths, scale=scale, device=device).items()
        for metric, value in found.items()
    ]  # fmt: skip


def _end_of(setting: Setting) -> Path:
    return WORK / f"step-{setting.step:g}.safetensors"


def _network(name: str, params: Params, data: Prepared) -> tuple[VGG16, InputScale] | None:
    """One of those laid side by side, on the data of seed 0; None where it was not trained."""
    if name == "scratch_aug":
        paths = TrainingPaths("scratch_aug-s0")
        if not paths.weights.exists():
            return None
        begin = begin_of(finished_log(paths.log))
        scale: InputScale = begin.params["variant"]["input_scale"]
        return network_at_end(begin.params, begin.data, paths.weights), scale
    network = _start(params, data, 0, "he" if name == "fresh" else "imagenet")
    if setting := ENDS.get(name):
        if not _end_of(setting).exists():
            _trained(params, data, SHORT, setting, 0, LOOKS)  # its rows are there already
        network.load_state_dict(load_file(_end_of(setting)))
    return network, "bytes"


def _inputs(name: str, params: Params, data: Prepared, folder: Path | None) -> Inputs:
    """The test images of seed 0 in another size, or photographs."""
    facts = data.facts
    if name == PHOTOGRAPHS:
        view = View(facts["input"] == "patch", facts["size"], facts["resize"])
        found = (
            photographs_in(folder, view, INPUTS) if folder else shipped_photographs(view, INPUTS)
        )
        return found.inputs
    mode, size = SIZES[name]
    root = WORK / facts["inputs_digest"][:12] / name.replace(" ", "_")
    if not (root / PREPARED / "facts.json").exists():
        for path in (RAW, IMPORTED):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).unlink(missing_ok=True)
            (root / path).symlink_to(path.absolute())
        split = params.data.split
        changes = {
            "input": mode,
            "size": size,
            "split": split.model_copy(update={"fold": split.folds[0]}),
            "patch": params.data.patch.model_copy(update={"jitter": size // 4}),
        }
        settings = params.data.model_copy(update=changes)
        prepare(settings, root=root, workers=2, on_image=lambda *_: None)
    return even_inputs(Prepared(root / PREPARED).inputs("test"), INPUTS)


if __name__ == "__main__":
    typer.run(main)
