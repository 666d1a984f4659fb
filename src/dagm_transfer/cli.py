"""The command line: a thin command for each stage, and those a person calls; no logic.

Parameters are read here and handed on, so that a stage depends on its own section alone; the
tracking store is imported only by the commands that need it.
"""

import os
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from dagm_transfer import places
from dagm_transfer.cli_sweep import app as sweep_app
from dagm_transfer.config.params import load
from dagm_transfer.console import ConsoleRecorder, bar, say
from dagm_transfer.environment import provenance
from dagm_transfer.errors import UserError, one_line
from dagm_transfer.files import write_text
from dagm_transfer.wiring import (
    forgiving,
    layers_tracker,
    locked,
    register,
    run_of,
    training_tracker,
    work_places,
)

PARAMS = Path("params.yaml")
PRESETS = Path("params")
INTERRUPTED = 130  # as shells count a SIGINT

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Transfer from ImageNet to industrial textures: the stages, and what goes with them.",
)
app.add_typer(sweep_app, name="sweep")


def _workers() -> int:
    return os.cpu_count() or 1


@app.command()
def acquire() -> None:
    """Bring the raw images under data/raw (stage acquire)."""
    from dagm_transfer.stages.acquire import acquire as stage

    with bar("raw images") as on_image:
        stage(
            load(PARAMS).data,
            raw=places.RAW,
            incoming=places.INCOMING,
            imported=places.IMPORTED,
            workers=_workers(),
            on_image=on_image,
        )


@app.command()
def prepare() -> None:
    """Split, cut and store the images as arrays (stage prepare)."""
    from dagm_transfer.stages.prepare import prepare as stage

    with bar("prepared images") as on_image:
        facts = stage(
            load(PARAMS).data,
            raw=places.RAW,
            imported=places.IMPORTED,
            prepared=places.PREPARED,
            workers=_workers(),
            on_image=on_image,
        )
    say(f"{facts['name']}: inputs {facts['inputs']}, whole images {facts['wholes']}")
    for texture, missing in facts["missing"].items():
        say(f"texture {texture}: {missing}")


@app.command()
def source() -> None:
    """Bring the ImageNet-trained trunk (stage source)."""
    from dagm_transfer.stages.source import source as stage

    found = stage(
        load(PARAMS).source.origin,
        incoming=places.SOURCE_INCOMING,
        trunk=places.SOURCE,
        facts=places.SOURCE_FACTS,
    )
    passed_over = f" ({'; '.join(found.passed_over)})" if found.passed_over else ""
    say(f"ImageNet trunk from {found.origin}, sha256 {found.digest[:12]}{passed_over}")


VariantArgument = Annotated[str, typer.Argument(help="a name under `variants` in params.yaml")]
SeedOption = Annotated[int, typer.Option(help="of weights and batches", min=0)]


@app.command()
def train(variant: VariantArgument, seed: SeedOption = 0) -> None:
    """Train one variant with one seed, going on where a killed one stood (stage train)."""
    from dagm_transfer.stages import train as stage

    work = work_places()
    run = run_of(load(PARAMS), variant, seed)
    identity = run.identity(Path(stage.__file__))
    with (
        locked(work.lock(identity), run.key),
        training_tracker(work, work.lock(identity)) as tracker,
        bar("judging") as shown,
    ):
        stage.train(
            run,
            places=places.RunPlaces(run.key),
            work=work,
            watchers=[ConsoleRecorder(), tracker],
            provenance=provenance(),
            on_image=shown,
        )


@app.command()
def analyze(variant: VariantArgument, seed: SeedOption = 0) -> None:
    """Measure what training did to the layers of one run (stage analyze)."""
    from dagm_transfer.stages.analyze import analyze as stage

    work = work_places()
    run = run_of(load(PARAMS), variant, seed)
    with layers_tracker(work) as tracker, bar(f"layers of {run.key}") as on_batch:
        stage(
            run,
            places=places.RunPlaces(run.key),
            work=work,
            watchers=[tracker],
            on_batch=on_batch,
        )


@app.command()
def report() -> None:
    """Write reports/index.html and its figures, and register the best run (stage report)."""
    from dagm_transfer.stages.report import report as stage

    params = load(PARAMS)
    stage(params.run_keys(), prepared=places.PREPARED, trunk=places.SOURCE, raw=places.RAW)
    say(f"{places.REPORT}: open it in a browser")
    forgiving(lambda: register(params))


@app.command("import")
def import_(path: Annotated[Path, typer.Argument(help="DAGM folder or zip, or a trunk")]) -> None:
    """Bring in a local DAGM copy (folder or zip), or an ImageNet trunk (.safetensors)."""
    from dagm_transfer.data.importing import import_dagm

    if path.suffix == ".safetensors":
        from dagm_transfer.stages.source import import_trunk

        digest = import_trunk(path, places.SOURCE_INCOMING, places.SOURCE_IMPORTED)
        say(f"{places.SOURCE_INCOMING}: trunk with sha256 {digest[:12]}; `dvc repro` uses it")
        return
    with bar("files") as on_file:
        manifest = import_dagm(path, places.INCOMING, places.IMPORTED, on_file)
    for texture, counts in manifest["textures"].items():
        lacking = counts["normal_missing"] + counts["defective_missing"]
        say(
            f"texture {texture}: {counts['normal']} normal, {counts['defective']} defective"
            + (f" ({lacking} missing: set data.allow_partial)" if lacking else "")
        )


@app.command()
def preset(name: Annotated[str, typer.Argument(help="a file in params/")]) -> None:
    """Check a preset and put it in the place of params.yaml."""
    path = PRESETS / f"{name}.yaml"
    if path.parent != PRESETS or not path.exists():
        known = ", ".join(sorted(p.stem for p in PRESETS.glob("*.yaml")))
        raise UserError(f"{path}: not found; there are {known or 'no presets here'}")
    load(path)
    write_text(PARAMS, path.read_text(encoding="utf-8"))
    say(f"{PARAMS} is now {path}; `dvc repro` runs it")


@app.command()
def track() -> None:
    """Put every finished log into the tracking store; what is there already stays as it is."""
    from dagm_transfer.figures.logs import layers_figures, training_figures
    from dagm_transfer.tracking.replay import finished_logs, replay

    work = work_places()
    logs = finished_logs(Path.cwd(), work, say)
    replay(
        logs,
        work,
        {"training": training_figures, "layers": layers_figures},
        lambda begin: say(f"{begin.key}  {begin.kind}  {begin.identity[:12]}"),
    )
    say(f"{len(logs)} logs in the store")
    if places.REPORT.exists():
        forgiving(lambda: register(load(PARAMS)))


@app.command()
def ui(port: int = 5000, *, browser: bool = True) -> None:
    """Open the MLflow user interface on 127.0.0.1."""
    from dagm_transfer.tracking.store import open_store, tracking_uri

    work = work_places()
    shown = "runs?workflowType=machine_learning&compareRunsMode=CHART"
    address = f"http://127.0.0.1:{port}/#/experiments/{open_store(work).experiment_id}/{shown}"
    say(f"{address} (Ctrl-C ends it)")
    if browser:
        webbrowser.open(address)
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1"),
        *("--backend-store-uri", tracking_uri(work.root)),
    ]
    subprocess.run(command, check=False, cwd=work.root)


def main() -> None:
    """Run the command line; an error is one line, and its details come with --debug."""
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    try:
        app()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # what typer makes of Ctrl-C
            say("interrupted; started again it goes on where it stood")
        raise
    except UserError as error:
        if debug:
            raise
        say(f"error: {error}")
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        said = " <- ".join(one_line(each) for each in (error, error.__cause__) if each)
        say(f"error: {said} (--debug shows where)")
        sys.exit(1)
