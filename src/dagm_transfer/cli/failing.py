"""What becomes of an error: one line, and its details with --debug."""

import sys
from collections.abc import Callable

from dagm_transfer.cli.console import INTERRUPTED, SaidInterruptError, say
from dagm_transfer.core.errors import UserError, one_line

DEBUG = "--debug"


def in_one_line(command: Callable[[], object]) -> None:
    """Run what typer made of the command line; where it fails, say why and exit with 1."""
    debug = DEBUG in sys.argv
    if debug:
        sys.argv.remove(DEBUG)
    try:
        command()
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
