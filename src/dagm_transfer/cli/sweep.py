"""`dagm sweep`: run, best, report."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from dagm_transfer.cli.console import bar, say
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths, project_root
from dagm_transfer.params import PARAMS, load
from dagm_transfer.sweep.paths import SweepPaths

if TYPE_CHECKING:
    from dagm_transfer.sweep.messages import Failure, Result

app = typer.Typer(
    no_args_is_help=True, help="Optuna sweeps: how to transfer, for the data at hand."
)

StudyOption = Annotated[str, typer.Option(help="name of the study")]
StorageOption = Annotated[
    str | None,
    typer.Option(
        envvar="OPTUNA_STORAGE",
        help="a database's URL or a journal file; reports/sweeps/STUDY/journal.log if not given",
    ),
]


@app.command()
def run(
    trials: Annotated[int, typer.Option(help="to complete, besides those that are done")],
    study: StudyOption = "transfer",
    workers: Annotated[
        int | None, typer.Option(help="processes; one a GPU, or as many as fit, if not given")
    ] = None,
    storage: StorageOption = None,
    timeout: Annotated[
        float | None, typer.Option(help="seconds after which no further trial begins")
    ] = None,
    *,
    prune: Annotated[
        bool, typer.Option("--prune", help="accuracy alone counts: end trials below the median")
    ] = False,
) -> None:
    """Add completed trials to a study, whatever it has already."""
    from dagm_transfer.cli.tracked import sweep_tracking
    from dagm_transfer.events.provenance import provenance
    from dagm_transfer.sweep.optimize import run_sweep
    from dagm_transfer.sweep.table import shown

    if trials < 1:
        raise UserError(f"--trials: {trials} is too few; a sweep adds at least one")
    if timeout is not None and not timeout > 0:
        raise UserError(f"--timeout: {timeout:g} is too little; give seconds, or leave it out")
    params, work = load(PARAMS), WorkPaths(project_root())
    with bar(f"trials of {study}") as show:
        done = 0

        def on_trial(number: int, point: Mapping[str, object], outcome: "Result | Failure") -> None:
            nonlocal done
            done += outcome.completed
            settings = ", ".join(f"{name} {shown(value)}" for name, value in point.items())
            say(f"{study}-{number:04d}  {settings}  {outcome.summary}")
            show(done, trials)

        try:
            tally = run_sweep(
                params,
                study,
                _where(study, storage),
                work=work,
                trials=trials,
                workers=workers,
                timeout=timeout,
                prune=prune,
                provenance=provenance(),
                tracking=lambda lock: sweep_tracking(work, study, lock),
                say=say,
                on_trial=on_trial,
            )
        except KeyboardInterrupt:
            rest = f"`--trials {trials - done}` makes up the rest"
            say(f"{done} of {trials} trials completed; {rest}")
            raise
    say(
        f"{tally.completed} trials completed"
        + (f", {tally.pruned} of them pruned" if tally.pruned else "")
        + (f", {tally.failed} failed" if tally.failed else "")
        + ("; every point of the space is done" if tally.exhausted else "")
        + f": `dagm sweep best --study {study}` shows the best"
    )


@app.command()
def best(
    study: StudyOption = "transfer",
    storage: StorageOption = None,
    trial: Annotated[int | None, typer.Option(help="to write instead of the most accurate")] = None,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="into params.yaml, as the variant `tuned`")
    ] = False,
) -> None:
    """Show the trials that no other beats; --write has the pipeline train the most accurate."""
    from dagm_transfer.sweep.study import check, known_study, settings
    from dagm_transfer.sweep.table import show
    from dagm_transfer.sweep.trials import chosen, pareto
    from dagm_transfer.sweep.writing import VARIANT, write_variant

    if trial is not None and not write:
        raise UserError("--trial names what --write writes; give both")
    params, opened = load(PARAMS), known_study(_where(study, storage), study)
    check(opened, settings(params))
    show(pareto(opened), params.sweep)
    if write:
        row = chosen(opened, trial)
        write_variant(PARAMS, params, row.point)
        say(f"trial {row.number} is the variant {VARIANT} in {PARAMS}; `dvc repro` trains it")


@app.command()
def report(study: StudyOption = "transfer", storage: StorageOption = None) -> None:
    """Write reports/sweeps/STUDY/index.html and its figures."""
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.sweep.page import write_page
    from dagm_transfer.sweep.study import check, known_study, settings

    params, folder = load(PARAMS), SweepPaths(study).folder
    facts, opened = Prepared(PREPARED).facts, known_study(_where(study, storage), study)
    check(opened, {"data": facts["digest"], **settings(params)})
    write_page(opened, params, facts, folder)
    say(f"{folder / 'index.html'}: open it in a browser")


def _where(study: str, storage: str | None) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", study):
        raise UserError(
            f"--study: {study!r} is no name; letters, digits, '_', '-' and '.' make one"
        )
    return storage or SweepPaths(study).journal.as_posix()
