"""Are drawn defects as hard as real ones? One small protocol on texture 1, drawn and real.

    python experiments/same_protocol.py --real PATH

PATH is a DAGM folder that holds texture 1, whole or in part. As many images are drawn as there are
real ones, both are split and cut alike, and the same fine-tuning runs on both with the same seeds.
The test accuracies on patches should end within 5 points of each other.
"""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from safetensors.torch import load_file

from dagm_transfer.config.data import Data
from dagm_transfer.config.params import load
from dagm_transfer.console import say
from dagm_transfer.data.importing import import_dagm
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.files import write_json
from dagm_transfer.metrics.accuracy import accuracy, wilson_interval
from dagm_transfer.models.initial import initial_network
from dagm_transfer.stages.acquire import acquire
from dagm_transfer.stages.prepare import prepare
from dagm_transfer.training.device import choose_device
from dagm_transfer.training.judgement import judge_inputs
from dagm_transfer.training.loop import Recipe, feeds, fit
from dagm_transfer.training.recorder import MemoryRecorder

RESULTS = Path(__file__).parent / "results" / "same_protocol.json"
TEXTURE = 1
POINTS = 0.05


def main(
    real: Annotated[Path, typer.Option(help="a DAGM folder with texture 1")],
    trunk: Annotated[Path, typer.Option(help="the ImageNet trunk")] = Path(
        "models/source.safetensors"
    ),
    iterations: int = 30,
    seeds: int = 2,
) -> None:
    """Run both and write experiments/results/same_protocol.json."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        manifest = import_dagm(real, work / "incoming", work / "imported.json", _quiet)
        counts = manifest["textures"][str(TEXTURE)]
        data = load(Path("params/real.yaml")).data.model_copy(update={"textures": [TEXTURE]})
        drawn = data.model_copy(
            update={
                "kind": "synthetic",
                "synthetic": data.synthetic.model_copy(
                    update={name: counts[name] for name in ("normal", "defective")}
                ),
            }
        )
        found = {
            name: _accuracies(_prepared(chosen, work, name), trunk, iterations, seeds)
            for name, chosen in (("real", data), ("drawn", drawn))
        }
    gap = abs(found["real"]["mean"] - found["drawn"]["mean"])
    write_json(
        RESULTS,
        {"texture": TEXTURE, "images": counts, "iterations": iterations, **found, "gap": gap},
    )
    say(f"real {found['real']['mean']:.1%}, drawn {found['drawn']['mean']:.1%}, gap {gap:.1%}")
    sys.exit(gap > POINTS)


def _prepared(data: Data, work: Path, name: str) -> Prepared:
    raw, prepared = work / name / "raw", work / name / "prepared"
    imported = work / "imported.json"
    acquire(
        data,
        raw=raw,
        incoming=work / "incoming",
        imported=imported,
        workers=2,
        on_image=_quiet,
    )
    prepare(data, raw=raw, imported=imported, prepared=prepared, workers=2, on_image=_quiet)
    return Prepared(prepared)


def _accuracies(data: Prepared, trunk: Path, iterations: int, seeds: int) -> dict[str, Any]:
    params = load(Path("params/real.yaml"))
    settings = params.variants["finetune"].model_copy(
        update={"iterations": iterations, "evaluate_every": iterations // 3}
    )
    device = choose_device(params.train.device)
    test = data.inputs("test")
    values = []
    for seed in range(seeds):
        network = initial_network(
            init=settings.init,
            seed=seed,
            labels=2,
            head=params.model.head,
            size=data.facts["size"],
            trunk=load_file(trunk),
        )
        recipe = Recipe(
            seed=seed,
            **settings.model_dump(exclude={"init"}),
            **params.train.model_dump(exclude={"device", "convergence"}),
        )
        with tempfile.TemporaryDirectory() as folder:
            fit(
                network,
                *feeds(network, data.inputs("train"), data.inputs("val"), recipe, device),
                recipe,
                checkpoint=Path(folder) / "checkpoint.pt",
                record=MemoryRecorder().record,
            )
        judged = judge_inputs(network, test, settings.input_scale, 32, device)
        values.append(accuracy(judged.predicted, judged.labels))
        say(f"{data.facts['name']}, seed {seed}: {values[-1]:.1%} of {len(test.labels)} patches")
    mean = statistics.fmean(values)
    return {
        "accuracies": values,
        "mean": mean,
        "test_patches": len(test.labels),
        "wilson_of_mean": wilson_interval(round(mean * len(test.labels)), len(test.labels)),
    }


def _quiet(_done: int, _total: int) -> None:
    """No progress: the parts are short."""


if __name__ == "__main__":
    typer.run(main)
