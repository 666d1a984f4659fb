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

from dagm_transfer.cli.console import say
from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.files import write_json
from dagm_transfer.data.bringing.bring import bring
from dagm_transfer.data.bringing.checked import checked
from dagm_transfer.data.bringing.tree import open_tree
from dagm_transfer.data.kinds.dagm.kind import Dagm
from dagm_transfer.data.kinds.dagm.release import group_name
from dagm_transfer.data.paths import PREPARED, Places
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.data.settings import Data
from dagm_transfer.events.event import MemoryRecorder
from dagm_transfer.judging.inspector import logits_of_network
from dagm_transfer.judging.scores import judge_inputs
from dagm_transfer.metrics.accuracy import accuracy
from dagm_transfer.metrics.intervals import wilson_interval
from dagm_transfer.models.initial import initial_network
from dagm_transfer.params import load
from dagm_transfer.stages.acquire import acquire
from dagm_transfer.stages.prepare import prepare
from dagm_transfer.training.device import choose_device
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.recipe import Recipe

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
        counts = _brought(real, work / "real")
        data = load(Path("params/real.yaml")).data
        drawn = load(Path("params/demo.yaml")).data.images
        chosen = {
            "real": data.images.model_copy(update={"textures": [TEXTURE]}),
            "drawn": drawn.model_copy(update={"textures": [TEXTURE], **counts}),
        }
        found = {
            name: _accuracies(
                _prepared(data.model_copy(update={"images": images}), work / name),
                trunk,
                iterations,
                seeds,
            )
            for name, images in chosen.items()
        }
    gap = abs(found["real"]["mean"] - found["drawn"]["mean"])
    write_json(
        RESULTS,
        {"texture": TEXTURE, "images": counts, "iterations": iterations, **found, "gap": gap},
    )
    say(f"real {found['real']['mean']:.1%}, drawn {found['drawn']['mean']:.1%}, gap {gap:.1%}")
    sys.exit(gap > POINTS)


def _brought(real: Path, project: Path) -> dict[str, int]:
    """Import the images; how many of the texture are normal and defective."""
    with open_tree(real, _quiet) as tree:
        found = checked(tree, Dagm, frozenset(), 2, _quiet)
        found.importable(str(real))
        places = Places.below(project)
        brought = bring(found.plan, found.looked, places, Dagm.lacking, 2, _quiet)
    counts = brought.manifest["groups"][group_name(TEXTURE)]
    return {name: counts[name] for name in ("normal", "defective")}


def _prepared(data: Data, root: Path) -> Prepared:
    acquire(data, root=root, workers=2, on_image=_quiet)
    prepare(data, root=root, workers=2, on_image=_quiet)
    return Prepared(root / PREPARED)


def _accuracies(data: Prepared, trunk: Path, iterations: int, seeds: int) -> dict[str, Any]:
    params = load(Path("params/real.yaml"))
    base = params.variants["finetune"]
    phase = base.phases[0].model_copy(update={"iterations": iterations})
    settings = base.model_copy(update={"phases": [phase], "evaluate_every": iterations // 3})
    device = choose_device(params.machine.device)
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
        train_network(
            network,
            data.inputs("train"),
            data.inputs("val"),
            Recipe(settings, params.train, seed),
            device,
            make_feeds=feeds_of_pixels,
            record=MemoryRecorder().record,
        )
        logits = logits_of_network(network, settings.input_scale, 32, device)
        judged = judge_inputs(logits, test.pixels, test.labels, test.images)
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
    in_one_line(lambda: typer.run(main))
