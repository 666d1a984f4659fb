"""The command line as a whole: its commands, and what becomes of an error."""

import gc
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from dagm_transfer.cli import data, export, inside, predict, project, stages, store, threshold
from dagm_transfer.cli.console import INTERRUPTED, SaidInterruptError, say
from dagm_transfer.cli.published import app as published_app
from dagm_transfer.cli.students import app as students_app
from dagm_transfer.cli.sweep import app as sweep_app
from dagm_transfer.core.errors import UserError, one_line

DEBUG = "--debug"
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
    del shown, debug  # `main` looks for --debug itself: errors are shown there


def main() -> None:
    """Run the command line; an error is one line, and its details come with --debug."""
    # Imports make millions of objects that stay: looking through them takes a second of each start.
    gc.set_threshold(ALLOCATIONS)
    debug = DEBUG in sys.argv
    if debug:
        sys.argv.remove(DEBUG)
    try:
        app()
    except SaidInterruptError:
        raise
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
