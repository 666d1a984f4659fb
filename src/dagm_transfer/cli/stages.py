"""A thin command for each stage of dvc.yaml.

Parameters are read here and handed on, so that a stage depends on its own sections alone; the
tracking store is imported only by the commands that need it.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from dagm_transfer.cli.console import ConsoleRecorder, bar, say
from dagm_transfer.cli.registry import register_champion
from dagm_transfer.cli.runs import locked, run_of
from dagm_transfer.cli.tracked import (
    sync_figures,
    sync_run,
    training_tracker,
)
from dagm_transfer.core.work import WorkPaths, project_root
from dagm_transfer.params import PARAMS, load
from dagm_transfer.training.paths import run_key

HERE = Path()

app = typer.Typer()

VariantArgument = Annotated[str, typer.Argument(help="a name under `variants` in params.yaml")]
SeedOption = Annotated[int, typer.Option(help="of weights and batches", min=0)]


def _workers() -> int:
    return os.cpu_count() or 1


@app.command()
def acquire() -> None:
    """Bring the raw images under data/raw (stage acquire)."""
    from dagm_transfer.stages.acquire import acquire as stage

    with bar("raw images") as on_image:
        stage(load(PARAMS).data, root=HERE, workers=_workers(), on_image=on_image)


@app.command()
def prepare() -> None:
    """Split, cut and store the images as arrays (stage prepare)."""
    from dagm_transfer.stages.prepare import prepare as stage

    with bar("prepared images") as on_image:
        facts = stage(load(PARAMS).data, root=HERE, workers=_workers(), on_image=on_image)
    say(f"{facts['name']}: images {facts['images']}, inputs {facts['inputs']}")
    if facts["unmarked"] and facts["input"] == "patch":
        groups = ", ".join(facts["unmarked"])
        say(f"{groups}: defects are marked nowhere; each patch has the label of its image")
    for group, missing in facts["missing"].items():
        say(f"{group}: {missing}")


@app.command()
def source() -> None:
    """Bring the ImageNet-trained trunk (stage source)."""
    from dagm_transfer.stages.source import source as stage

    found = stage(load(PARAMS).source, root=HERE)
    passed_over = f" ({'; '.join(found.passed_over)})" if found.passed_over else ""
    say(f"ImageNet trunk from {found.origin}, sha256 {found.digest[:12]}{passed_over}")


@app.command()
def train(variant: VariantArgument, seed: SeedOption = 0) -> None:
    """Train one variant with one seed, going on where a killed one stood (stage train)."""
    from dagm_transfer.events.identity import run_name
    from dagm_transfer.events.provenance import provenance
    from dagm_transfer.stages.train import train as stage
    from dagm_transfer.training.device import choose_device, environment
    from dagm_transfer.training.paths import TrainingPaths

    params, work = load(PARAMS), WorkPaths(project_root())
    run, device = run_of(params, variant, seed), choose_device(params.machine.device)
    lock = work.lock(run_name(run.identity, environment(device)))
    with locked(lock, run.key), training_tracker(work, lock) as tracker:
        stage(
            run,
            machine=params.machine,
            device=device,
            paths=TrainingPaths(run.key),
            work=work,
            watchers=[ConsoleRecorder(), tracker],
            provenance=provenance(),
            say=say,
        )


@app.command()
def judge(variant: VariantArgument, seed: SeedOption = 0) -> None:
    """Judge a trained run, and write the card it is handed on with (stage judge)."""
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.stages.judge import judge as stage
    from dagm_transfer.training.device import choose_device

    params, key = load(PARAMS), run_key(variant, seed)
    with bar(f"judged images of {key}") as on_image:
        metrics = stage(
            key,
            params.judge,
            data=Prepared(PREPARED),
            raw=RAW,
            root=HERE,
            device=choose_device(params.machine.device),
            on_image=on_image,
        )
    shown = ("test/accuracy", "image/defect_ap", "test/defect_ap", "convergence/to_95")
    say(f"{key}  " + ", ".join(f"{name} {metrics[name]:.4g}" for name in shown if name in metrics))
    sync_run(key)


@app.command()
def report() -> None:
    """Write reports/index.html and its figures, and register the best run (stage report)."""
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.report.paths import QUALITY, REPORT
    from dagm_transfer.source.paths import TRUNK
    from dagm_transfer.stages.report import report as stage

    params = load(PARAMS)
    stage(
        params.run_keys(),
        params.compared_keys(),
        data=Prepared(PREPARED),
        trunk=TRUNK,
        raw=RAW,
        root=HERE,
    )
    say(f"{REPORT}, {QUALITY}: open them in a browser")
    sync_figures()
    register_champion()
