"""`dagm export`: a finished run as a folder that can be handed on."""

from pathlib import Path
from typing import Annotated

import typer

from dagm_transfer.cli.console import bar, say
from dagm_transfer.core.errors import UserError
from dagm_transfer.params import PARAMS, load

HERE = Path()
ROUNDS = 5  # of each timing
ITERATIONS = 60

app = typer.Typer()


@app.command()
def export(
    key: Annotated[str, typer.Argument(help="a finished run of this project, as finetune-s0")],
    out: Annotated[Path, typer.Option(help="the folder; an earlier export there is replaced")],
    keep: Annotated[
        float | None,
        typer.Option(help="keep this share of each layer's live channels, and train a little"),
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help=f"of that training; {ITERATIONS} if not given", min=1)
    ] = None,
    verify: Annotated[
        list[Path] | None,
        typer.Option(help="a folder of other images to compare decisions on; can be repeated"),
    ] = None,
    *,
    compact: Annotated[
        bool, typer.Option("--compact", help="leave dead channels out, exactly")
    ] = False,
) -> None:
    """Write a run's network as safetensors and ONNX with its card, smaller where asked for."""
    from dagm_transfer.cli.export_text import print_export
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.inspection.compaction.smaller import compacted, strongest
    from dagm_transfer.inspection.exporting.export import check_replaceable
    from dagm_transfer.inspection.exporting.export import export as write
    from dagm_transfer.inspection.exporting.export_latency import latency
    from dagm_transfer.inspection.exporting.exportable import as_it_is
    from dagm_transfer.inspection.exporting.finished_run import finished_run
    from dagm_transfer.inspection.exporting.other_images import other_images
    from dagm_transfer.training.device import choose_device

    if keep is not None and not 0 < keep <= 1:
        raise UserError(f"--keep: {keep:g} is no share; give more than 0 and at most 1, as 0.5")
    if iterations is not None and keep is None:
        raise UserError("--iterations: nothing is trained without --keep; give both, or neither")
    others = verify or []
    for folder in others:  # what cannot be is said before minutes of work
        other_images(folder)
    check_replaceable(out)
    say(f"{key}: measured and verified on the images it was judged on: a minute or more")
    run = finished_run(key, data=Prepared(PREPARED), raw=RAW, root=HERE)
    if keep is not None:
        device = choose_device(load(PARAMS).machine.device)
        exportable = strongest(run, keep, iterations or ITERATIONS, device, bar)
    elif compact:
        exportable = compacted(run, bar)
    else:
        exportable = as_it_is(run, bar)
    exported = write(run, exportable, out, others, bar)
    print_export(exportable, exported, latency(run, out, ROUNDS))
