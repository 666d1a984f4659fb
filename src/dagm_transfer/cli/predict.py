"""The command that judges images with a trained inspector."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagm_transfer.cli.champion import key_or_champion
from dagm_transfer.cli.console import SaidInterruptError, bar, say
from dagm_transfer.cli.tracked import folder_of_registered
from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.notes import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagm_transfer.inspection.opened import Opened
    from dagm_transfer.inspection.predicting.heat_map_files import HeatMapFolder
    from dagm_transfer.inspection.predicting.image_files import ImageFile

HERE = Path()
REGISTERED = "models:/"
NAME_ONE = (
    "name an inspector with --model: a finished run's key, the folder of an exported one, or its "
    ".onnx file"
)
INCOMPLETE = 2  # exit code where an image could not be judged

app = typer.Typer()


@app.command()
def predict(
    paths: Annotated[
        list[str], typer.Argument(help="image files, folders, or patterns such as 'shots/*.png'")
    ],
    model: Annotated[
        str | None,
        typer.Option(
            help="a run's key, an exported folder, its .onnx file, or models:/NAME@champion; "
            "without it the report's champion"
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="the table that is written")] = Path("predictions.csv"),
    heatmaps: Annotated[
        Path | None, typer.Option(help="a folder for the images with their scores laid over them")
    ] = None,
    bits: Annotated[
        int | None,
        typer.Option(help="a pixel, where images are deeper than in training: 8, 10, 12, 14, 16"),
    ] = None,
) -> None:
    """Judge images: a row each of group, score and decision; exit code 2 where one fails."""
    from dagm_transfer.inspection.predicting.image_files import image_files
    from dagm_transfer.inspection.predicting.predict import (
        DEFECTIVE,
        NORMAL,
        Prediction,
        Tally,
        counted,
        predictions,
    )
    from dagm_transfer.inspection.predicting.predictions_table import (
        BrokenOffError,
        check_table,
        write_table,
    )

    opened = _opened(model, bits)
    files = image_files(paths)
    check_table(out, files)
    drawn = _heat_maps(heatmaps, opened, files)
    tally, began = Tally(), time.monotonic()
    try:
        with bar("judged images") as show:

            def on_row(prediction: Prediction) -> None:
                tally.add(prediction)
                if drawn:
                    drawn.add(prediction)
                show(tally.count, len(files))

            write_table(out, predictions(opened, files), on_row)
    except BrokenOffError as stopped:
        say(
            f"interrupted: the rows of {stopped.rows} of {len(files)} images are in "
            f"{stopped.kept}; no whole {out} was written"
        )
        raise SaidInterruptError from None
    for line in tally.said(opened):
        say(line)
    if tally.unjudged:
        say(listed("image", f"not judged, {out} says why", tally.unjudged))
    if drawn and drawn.failed:
        say(listed("heat map", "not written", drawn.failed))
    speed = tally.count / (time.monotonic() - began)
    say(
        f"{out}: {counted(tally.count)}, {tally.decisions[DEFECTIVE]} defective, "
        f"{tally.decisions[NORMAL]} normal, {len(tally.unjudged)} errors; {speed:.2f} images/s"
    )
    if tally.unjudged or (drawn and drawn.failed):
        raise typer.Exit(INCOMPLETE)


def _opened(model: str | None, bits: int | None) -> "Opened":
    """The inspector that is asked for, at the depth of the images."""
    from dagm_transfer.data.pixels.images import DEPTHS
    from dagm_transfer.inspection.opened import Opened, open_folder, open_inspector

    if bits is not None and bits not in DEPTHS:
        raise UserError(f"--bits {bits}: one of {', '.join(map(str, DEPTHS))} is meant")
    reference = key_or_champion(model, HERE, NAME_ONE)
    if reference.startswith(REGISTERED):
        opened = open_folder(folder_of_registered(reference))
    else:
        opened = open_inspector(reference, HERE)
    if bits is None:
        return opened
    return Opened(opened.card.model_copy(update={"bits": bits}), opened.logits)


def _heat_maps(
    folder: Path | None, opened: "Opened", files: "Sequence[ImageFile]"
) -> "HeatMapFolder | None":
    """Where heat maps go; None where none are asked for, or would say nothing."""
    from dagm_transfer.inspection.predicting.heat_map_files import heat_map_folder

    if folder is None:
        return None
    if opened.card.stride is None:
        say(f"no heat maps: {opened.card.key} judges each image as a whole, not by windows")
        return None
    return heat_map_folder(folder, opened, files)
