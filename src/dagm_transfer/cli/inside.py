"""A thin command for each stage of dvc.yaml that looks inside trained networks."""

import typer

from dagm_transfer.cli.console import bar, say
from dagm_transfer.cli.stages import HERE, SeedOption, VariantArgument
from dagm_transfer.cli.tracked import sync_run
from dagm_transfer.params import PARAMS, load
from dagm_transfer.training.paths import run_key

app = typer.Typer()


@app.command()
def features(variant: VariantArgument, seed: SeedOption = 0) -> None:
    """Measure what a run's layers respond, before and after training (stage features)."""
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import FACTS, TRUNK
    from dagm_transfer.stages.features import features as stage
    from dagm_transfer.training.device import choose_device

    params, key = load(PARAMS), run_key(variant, seed)
    with bar(f"features of {key}") as on_batch:
        stage(
            key,
            params.analysis,
            data=Prepared(PREPARED),
            trunk=TRUNK,
            trunk_facts=FACTS,
            root=HERE,
            device=choose_device(params.machine.device),
            on_batch=on_batch,
        )


@app.command()
def layers(variant: VariantArgument, seed: SeedOption = 0) -> None:
    """Put in numbers what training did to the layers of one run (stage layers)."""
    from dagm_transfer.source.paths import FACTS, TRUNK
    from dagm_transfer.stages.layers import layers as stage

    key = run_key(variant, seed)
    stage(key, load(PARAMS).analysis, trunk=TRUNK, trunk_facts=FACTS, root=HERE)
    sync_run(key)


@app.command()
def responses() -> None:
    """Hold the last layer's response to whole images against weak labels (stage responses)."""
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import FACTS, TRUNK
    from dagm_transfer.stages.responses import responses as stage
    from dagm_transfer.training.device import choose_device

    params = load(PARAMS)
    with bar("responses to whole images") as on_image:
        told = stage(
            [run_key(variant, seed) for variant, seed in params.compared_keys()],
            params.responses,
            data=Prepared(PREPARED),
            raw=RAW,
            trunk=TRUNK,
            trunk_facts=FACTS,
            root=HERE,
            device=choose_device(params.machine.device),
            on_image=on_image,
        )
    for line in told:
        say(line)


@app.command()
def embed() -> None:
    """Lay photographs and the target out as the source trunk sees them (stage embed)."""
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import TRUNK
    from dagm_transfer.stages.embed import embed as stage
    from dagm_transfer.training.device import choose_device

    params = load(PARAMS)
    with bar("embedded domains") as on_step:
        stage(
            params.embed,
            data=Prepared(PREPARED),
            trunk=TRUNK,
            root=HERE,
            device=choose_device(params.machine.device),
            on_step=on_step,
        )


@app.command()
def interpolate() -> None:
    """Look at what lies between the features of two groups' defects (stage interpolate)."""
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import FACTS, TRUNK
    from dagm_transfer.stages.interpolate import interpolate as stage
    from dagm_transfer.training.device import choose_device

    params = load(PARAMS)
    with bar("lines turned into images") as on_step:
        stage(
            params.compared_keys(),
            params.interpolate,
            frozen=params.frozen_keys(),
            data=Prepared(PREPARED),
            trunk=TRUNK,
            trunk_facts=FACTS,
            root=HERE,
            device=choose_device(params.machine.device),
            on_step=on_step,
        )


@app.command()
def compare() -> None:
    """Lay pairs of runs side by side: their responses, the loss between them (stage compare)."""
    from dagm_transfer.analysis.comparison import pairs_of
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import TRUNK
    from dagm_transfer.stages.compare import compare as stage
    from dagm_transfer.training.device import choose_device

    params = load(PARAMS)
    study = params.study
    with bar("networks between two runs") as on_step:
        stage(
            pairs_of(study.variants, study.compared, study.seeds, params.drawn()),
            params.compare,
            kept=params.analysis.inputs,
            data=Prepared(PREPARED),
            trunk=TRUNK,
            root=HERE,
            device=choose_device(params.machine.device),
            on_step=on_step,
        )
