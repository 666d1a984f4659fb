"""A thin command for each stage of dvc.yaml that looks inside trained networks."""

from typing import Annotated

import typer

from dagm_transfer.cli.console import bar, say
from dagm_transfer.cli.stages import HERE, SeedOption, VariantArgument
from dagm_transfer.cli.tracked import sync_run
from dagm_transfer.core.errors import UserError
from dagm_transfer.params import PARAMS, Params, load
from dagm_transfer.training.paths import run_key

app = typer.Typer()

RunsOption = Annotated[int, typer.Option("--seed", help="of the runs, among study.seeds", min=0)]


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
def responses(seed: RunsOption = 0) -> None:
    """Hold the last layer's response to whole images against weak labels (stage responses)."""
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import FACTS, TRUNK
    from dagm_transfer.stages.responses import responses as stage
    from dagm_transfer.training.device import choose_device

    params = _of_seed(seed)
    with bar(f"responses to whole images, seed {seed}") as on_image:
        told = stage(
            params.compared(),
            seed,
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
def interpolate(seed: RunsOption = 0) -> None:
    """Look at what lies between the features of two groups' defects (stage interpolate)."""
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import FACTS, TRUNK
    from dagm_transfer.stages.interpolate import interpolate as stage
    from dagm_transfer.training.device import choose_device

    params = _of_seed(seed)
    with bar(f"lines turned into images, seed {seed}") as on_step:
        stage(
            params.compared(),
            seed,
            params.interpolate,
            frozen=params.frozen(),
            data=Prepared(PREPARED),
            trunk=TRUNK,
            trunk_facts=FACTS,
            root=HERE,
            device=choose_device(params.machine.device),
            on_step=on_step,
        )


@app.command()
def compare(seed: RunsOption = 0) -> None:
    """Lay pairs of runs side by side: their responses, the loss between them (stage compare)."""
    from dagm_transfer.analysis.comparison import pairs_of
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.source.paths import TRUNK
    from dagm_transfer.stages.compare import compare as stage
    from dagm_transfer.training.device import choose_device

    params = _of_seed(seed)
    study = params.study
    with bar(f"networks between two runs, seed {seed}") as on_step:
        stage(
            pairs_of(study.variants, study.compared, study.seeds, seed, params.drawn()),
            seed,
            params.compare,
            kept=params.analysis.inputs,
            data=Prepared(PREPARED),
            trunk=TRUNK,
            root=HERE,
            device=choose_device(params.machine.device),
            on_step=on_step,
        )


def _of_seed(seed: int) -> Params:
    """The settings of a study that has this seed."""
    params = load(PARAMS)
    if seed not in params.study.seeds:
        named = ", ".join(map(str, params.study.seeds))
        raise UserError(f"--seed {seed}: not among study.seeds in {PARAMS}, which are {named}")
    return params
