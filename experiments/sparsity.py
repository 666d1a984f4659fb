"""What makes channels silent, and when: fine-tuning gently and near the edge of stability.

    python experiments/sparsity.py [--photographs FOLDER]

Needs what `dvc repro prepare source` makes; run it in the project's folder. Fine-tuning with
several steps (learning rate over 1 - momentum), with and without momentum and a warm-up, is looked
at on its way (see watching.py), on at most 256 test patches. Two of the settings go on for as long
as the study trained. Networks at their ends, the source trunk, a fresh one and `scratch_aug` (where
the pipeline has trained it on these data) are shown inputs of other sizes and photographs as well.
Each seed has the data of its fold. All numbers go to experiments/results/sparsity.csv; what is
there is not run again, and what was broken off goes on.
"""

import shutil
from itertools import product
from pathlib import Path
from typing import Annotated

import typer
from safetensors.torch import load_file, save_file

from dagm_transfer.analysis.meters.features import even_inputs
from dagm_transfer.cli.console import say
from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside
from dagm_transfer.data.paths import IMPORTED, PREPARED, RAW
from dagm_transfer.data.photographs import View, photographs_in, shipped_photographs
from dagm_transfer.data.prepared import Inputs, Prepared
from dagm_transfer.events.log import begin_of, check_data, finished_log
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import DEPTHS, VGG16
from dagm_transfer.params import PARAMS, Params, load
from dagm_transfer.report.found.silent import EDGE, ENDS, GENTLE, LONG, SHORT, Setting
from dagm_transfer.stages.prepare import prepare
from dagm_transfer.training.device import choose_device
from dagm_transfer.training.network import network_at_end
from dagm_transfer.training.paths import TrainingPaths
from linked_sweep import link
from sparsity_table import SparsityTable
from watching import looked, recipe_of, start_network, watch

RESULTS = Path(__file__).parent / "results" / "sparsity.csv"
WORK = Path(".work/sparsity")
INPUTS = 256  # at most, labels even
LOOKS = (1, 2, 3, 5, 8, 12, 20, 40, 60, 100)
LATE_LOOKS = (*LOOKS, 200, 400, 800, 1500, 2242)  # 2,242: as long as the study fine-tuned
NETWORKS = ("source", "fresh", *ENDS, "scratch_aug")
SIZES = {"patches of 32": ("patch", 32), "patches of 64": ("patch", 64),
         "patches of 128": ("patch", 128), "whole images at 224": ("image", 224)}  # fmt: skip
PHOTOGRAPHS, SHIPPED = "photographs", "the two shipped photographs"
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
    table, work = SparsityTable(results), WORK / facts["inputs_digest"][:12]
    _watch_settings(params, data, table, work)
    _show_other_inputs(params, data, table, work, photographs)


def _watch_settings(params: Params, data: Prepared, table: SparsityTable, work: Path) -> None:
    wanted: list[tuple[Setting, int, tuple[int, ...]]]
    wanted = [(setting, seed, LOOKS) for seed in range(3) for setting in SETTINGS]
    wanted += [(setting, seed, LOOKS) for setting in (GENTLE, EDGE) for seed in (3, 4)]
    wanted += [(setting, 0, LATE_LOOKS) for setting in (GENTLE, EDGE)]
    for number, (setting, seed, looks) in enumerate(wanted, start=1):
        network, of_seed = SHORT if looks == LOOKS else LONG, data.for_seed(seed)
        end = _end_of(work, setting) if seed == 0 and setting in ENDS.values() else None
        known = table.has(of_seed, network, setting, seed)
        if known and (network == LONG or end is None or end.exists()):
            continue
        folder = work / f"{network}-{setting.name}-s{seed}".replace(", ", "-").replace(" ", "_")
        trained = start_network(params, of_seed, seed)
        shown, val = (even_inputs(of_seed.inputs(part), INPUTS) for part in ("test", "val"))
        rows = watch(
            trained, of_seed.inputs("train"), val, shown, recipe_of(params, setting, seed, looks),
            choose_device(params.machine.device), folder,
        )  # fmt: skip
        if network == SHORT and end:
            with beside(end) as draft:
                save_file({k: v.contiguous() for k, v in trained.state_dict().items()}, draft)
        if not known:
            about = {"network": network, **setting._asdict(), "warm_up": int(setting.warm_up)}
            table.add(of_seed, [{**about, "seed": seed, **row} for row in rows])
        shutil.rmtree(folder)
        say(f"{number}/{len(wanted)}  {network}: {setting.name}, seed {seed}")


def _show_other_inputs(
    params: Params, data: Prepared, table: SparsityTable, work: Path, photographs: Path | None
) -> None:
    for name in (*SIZES, PHOTOGRAPHS if photographs else SHIPPED):
        left = [network for network in NETWORKS if not table.has_inputs(data, network, name)]
        inputs = _inputs(name, params, data, photographs, work) if left else None
        for network in left:
            found = _network(network, params, data, work)
            if inputs and found:
                about = {"network": network, "seed": 0, "inputs": name}
                table.add(data, [{**about, **row} for row in looked(*found, inputs, DEPTHS)])
                say(f"{network} on {name}")


def _end_of(work: Path, setting: Setting) -> Path:
    return work / f"step-{setting.step:g}.safetensors"


def _network(
    name: str, params: Params, data: Prepared, work: Path
) -> tuple[VGG16, InputScale] | None:
    """One of those laid side by side, on the data of seed 0; None where it was not trained."""
    if name == "scratch_aug":
        paths = TrainingPaths("scratch_aug-s0")
        if not paths.weights.exists():
            return None
        begin = begin_of(finished_log(paths.log))
        check_data(begin, data.for_seed(0).facts)
        scale: InputScale = begin.params["variant"]["input_scale"]
        return network_at_end(begin.params, begin.data, paths.weights), scale
    network = start_network(params, data, 0, "he" if name == "fresh" else "imagenet")
    if setting := ENDS.get(name):
        network.load_state_dict(load_file(_end_of(work, setting)))
    return network, "bytes"


def _inputs(name: str, params: Params, data: Prepared, folder: Path | None, work: Path) -> Inputs:
    """The test images of seed 0 in another size, or photographs."""
    facts = data.facts
    if name not in SIZES:
        view = View(facts["input"] == "patch", facts["size"], facts["resize"])
        found = (
            photographs_in(folder, view, INPUTS) if folder else shipped_photographs(view, INPUTS)
        )
        return found.inputs
    mode, size = SIZES[name]
    root = work / name.replace(" ", "_")
    if not (root / PREPARED / "facts.json").exists():
        link((RAW, IMPORTED), root)
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
    in_one_line(lambda: typer.run(main))
