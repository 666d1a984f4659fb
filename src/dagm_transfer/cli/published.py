"""`dagm published`: results that are kept with the project."""

from pathlib import Path
from typing import Annotated

import typer

from dagm_transfer.cli.console import say
from dagm_transfer.cli.stages import HERE
from dagm_transfer.core.errors import UserError
from dagm_transfer.params import PARAMS, load

app = typer.Typer(no_args_is_help=True, help="Results that are kept with the project.")

NameArgument = Annotated[str, typer.Argument(help="a folder below reports/published")]


@app.command()
def keep(name: NameArgument) -> None:
    """Copy what the page on the finished runs is made of, no weights, and make the page of it."""
    from dagm_transfer.report.published import PUBLISHED, keep_study
    from dagm_transfer.source.paths import FACTS, TRUNK

    if Path(name).name != name:
        raise UserError(f"{name}: is no name of a folder")
    keep_study(load(PARAMS).run_keys(), root=HERE, trunk=TRUNK, facts=FACTS, to=PUBLISHED / name)
    make(name)


@app.command()
def make(name: NameArgument) -> None:
    """Make page, figures and verdicts anew from what is kept, and from that alone."""
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.report.paths import REPORT
    from dagm_transfer.report.published import PUBLISHED
    from dagm_transfer.source.paths import TRUNK
    from dagm_transfer.stages.report import study_of, write_study

    root = PUBLISHED / name
    if not (root / PARAMS).exists():
        there = ", ".join(sorted(path.parent.name for path in PUBLISHED.glob(f"*/{PARAMS}")))
        raise UserError(f"{root}: nothing is published there; published are {there or 'none'}")
    params = load(root / PARAMS)
    study = study_of(
        params.run_keys(),
        params.compared_keys(),
        data=Prepared(root / PREPARED),
        trunk=root / TRUNK,
        raw=root / RAW,
        root=root,
    )
    write_study(study, params.compared_keys(), {})
    say(f"{root / REPORT}: open it in a browser")
