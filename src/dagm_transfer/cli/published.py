"""`dagm published`: results that are kept with the project."""

from typing import Annotated

import typer

from dagm_transfer.cli.console import say
from dagm_transfer.cli.folder_name import checked_name
from dagm_transfer.cli.stages import HERE
from dagm_transfer.core.errors import UserError
from dagm_transfer.params import PARAMS, load

app = typer.Typer(no_args_is_help=True, help="Results that are kept with the project.")

NameArgument = Annotated[str, typer.Argument(help="a folder below reports/published")]


@app.command()
def keep(name: NameArgument) -> None:
    """Copy what the page on the finished runs is made of, no weights, and make the page of it.

    Of the runs in params.yaml those that are finished are kept; the others are named.
    """
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.report.published import PUBLISHED, Kept, finished_among, keep_study
    from dagm_transfer.source.paths import FACTS, TRUNK
    from dagm_transfer.training.paths import run_key

    folder, params = PUBLISHED / checked_name(name), load(PARAMS)
    keys = finished_among(params.run_keys(), HERE)
    left = [run_key(*key) for key in params.run_keys() if key not in keys]
    if not keys:
        raise UserError(f"{name}: no run in {PARAMS} is finished yet; `dvc repro` trains them")
    keep_study(
        Kept(keys, [key for key in params.compared_keys() if key in keys]),
        data=Prepared(PREPARED),
        root=HERE,
        trunk=TRUNK,
        facts=FACTS,
        to=folder,
    )
    make(name)
    if left:
        say(f"{len(keys)} runs are kept; not finished yet: {', '.join(left)}")


@app.command()
def make(name: NameArgument) -> None:
    """Make page, figures and verdicts anew from what is kept, and from that alone."""
    from dagm_transfer.core.files import write_text
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.report.pages.render import linked
    from dagm_transfer.report.paths import REPORT
    from dagm_transfer.report.published import CLASSES, PUBLISHED, SUMMARY, kept_in
    from dagm_transfer.report.students.student_page import write_students_page
    from dagm_transfer.report.tables.markdown import summary_in_markdown
    from dagm_transfer.source.paths import TRUNK
    from dagm_transfer.stages.report import study_of, write_study

    root = PUBLISHED / checked_name(name)
    kept, data = kept_in(root), Prepared(root / PREPARED)
    study = study_of(
        kept.keys,
        kept.compared,
        data=data,
        trunk=root / TRUNK,
        raw=root / RAW,
        root=root,
    )
    claims = write_study(study, kept.compared, None, linked)
    write_text(root / SUMMARY, summary_in_markdown(study, claims))
    if (root / CLASSES).exists():
        params = load(root / PARAMS)
        write_students_page(params.students, params.judge, data, root)
    say(f"{root / REPORT}: open it in a browser")
