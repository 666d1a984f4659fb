"""Commands that set the project up."""

from pathlib import Path
from typing import Annotated

import typer

from dagm_transfer.cli.console import say
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_text
from dagm_transfer.params import PARAMS, load

PRESETS = Path("params")

app = typer.Typer()


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
