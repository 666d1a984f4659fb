"""The command line as a whole: its commands, and what becomes of an error."""

import gc
from importlib.metadata import version
from typing import Annotated

import typer

from dagm_transfer.cli import data, export, inside, predict, project, stages, store, threshold
from dagm_transfer.cli.failing import DEBUG, in_one_line
from dagm_transfer.cli.published import app as published_app
from dagm_transfer.cli.students import app as students_app
from dagm_transfer.cli.sweep import app as sweep_app

ALLOCATIONS = 200_000  # between two looks for garbage; Python's own number is 700

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Transfer from ImageNet to industrial textures: the stages, and what goes with them.",
)
for group in (
    project.app, data.app, stages.app, inside.app, threshold.app, export.app, predict.app,
    store.app,
):  # fmt: skip
    app.registered_commands += group.registered_commands
app.add_typer(sweep_app, name="sweep")
app.add_typer(students_app, name="students")
app.add_typer(published_app, name="published")


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's callback
    if asked:
        print(f"dagm {version('dagm-transfer')}")  # noqa: T201
        raise typer.Exit


@app.callback()
def options(
    *,
    shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Show where an error comes from; may stand anywhere.")
    ] = False,
) -> None:
    """Take what stands before a command."""
    del shown, debug  # `in_one_line` looks for --debug itself


def main() -> None:
    """Run the command line; an error is one line, and its details come with --debug."""
    # Imports make millions of objects that stay: looking through them takes a second of each start.
    gc.set_threshold(ALLOCATIONS)
    in_one_line(app)
