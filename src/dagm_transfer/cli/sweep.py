"""`dagm sweep`: run, best, report."""

import shutil
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import typer

from dagm_transfer.cli.console import bar, say
from dagm_transfer.cli.folder_name import checked_name
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths, project_root
from dagm_transfer.params import PARAMS, load
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.tracking.location import is_server, tracking_uri

app = typer.Typer(
    no_args_is_help=True, help="Optuna sweeps: how to transfer, for the data at hand."
)

StudyOption = Annotated[str, typer.Option(help="name of the study")]
StorageOption = Annotated[
    str | None,
    typer.Option(
        envvar="OPTUNA_STORAGE",
        help="a database's URL; the file .work/sweeps/STUDY.db if not given",
    ),
]


@app.command()
def run(
    trials: Annotated[
        int | None, typer.Option(help="to complete, besides those that are done")
    ] = None,
    total: Annotated[
        int | None,
        typer.Option(help="to have completed in all; begins anew where data or settings changed"),
    ] = None,
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
    asked = [count for count in (trials, total) if count is not None]
    if len(asked) != 1 or asked[0] < 1:
        raise UserError("--trials or --total: give one of the two, and at least 1")
    if timeout is not None and not timeout > 0:
        raise UserError(f"--timeout: {timeout:g} is too little; give seconds, or leave it out")
    from dagm_transfer.cli.tracked import (
        mend_sweep,
        rebuild_store_if_moved,
        save_sweep_view,
        sweep_tracking,
    )
    from dagm_transfer.events.provenance import provenance
    from dagm_transfer.sweep.objective import Setup, data_of, digests_now
    from dagm_transfer.sweep.optimize import Optimization
    from dagm_transfer.sweep.storage import open_storage
    from dagm_transfer.sweep.study import about, delete_if_other, open_study
    from dagm_transfer.sweep.trials import number_trained, write_table
    from dagm_transfer.sweep.workers import workers as crew_of

    params, work, paths = load(PARAMS), WorkPaths(project_root()), _paths(study)
    digests, url = digests_now(params.sweep), _url(storage, paths, work)
    opened_storage, begun_on = open_storage(url), about(params, digests)
    if total and (what := delete_if_other(opened_storage, study, begun_on)):
        say(f"study {study}: was begun with another {what}, and begins anew")
    opened = open_study(opened_storage, study, begun_on, prune=prune)
    if total and not opened.get_trials(deepcopy=False):
        _move_logs_aside(paths, work)
    _check_logs(paths, len(opened.get_trials(deepcopy=False)))
    wanted = asked[0] - (number_trained(opened) if total else 0)
    crew = crew_of(params, workers, wanted)
    say_if_trivial(data_of(params.sweep).facts, params.sweep.target)
    rebuild_store_if_moved(work)
    setup = Setup(
        study=study,
        url=url,
        call=uuid.uuid4().hex,
        params=params,
        prune=prune,
        digests=digests,
        work=work,
        provenance=provenance(),
        tracking=partial(sweep_tracking, work, study),
    )
    with bar(f"trials of {study}") as show:

        def on_trial(number: int, summary: str) -> None:
            say(f"{study}-{number:04d}  {summary}")
            show(sweep.completed, wanted)

        sweep = Optimization(opened, setup, on_trial)
        where = ", ".join(sorted({device for device, _ in crew}))
        say(f"study {study}: {len(crew)} worker{'s' * (len(crew) > 1)} on {where}")
        try:
            sweep.run(crew, wanted, timeout)
        except KeyboardInterrupt:
            rest = wanted - sweep.completed
            more = f"; `--trials {rest}` makes up the rest" if rest > 0 else ""
            say(f"trials completed: {sweep.completed} of {wanted}{more}")
            raise
        finally:
            if sweep.lost or sweep.cut_off:
                mend_sweep(work, study)
    write_table(opened, paths.table)
    save_sweep_view(work, study)
    say(
        f"trials completed: {sweep.completed}"
        + (f", {sweep.pruned} of them pruned" if sweep.pruned else "")
        + (f", {sweep.failed} failed" if sweep.failed else "")
        + ("; every point of the space is done" if sweep.exhausted else "")
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
    from dagm_transfer.sweep.trials import pareto, print_rows, rows
    from dagm_transfer.sweep.writing import VARIANT, write_variant

    if trial is not None and not write:
        raise UserError("--trial names what --write writes; give both")
    params, url = load(PARAMS), _url(storage, _paths(study), WorkPaths(project_root()))
    opened = known_study(url, study)
    check(opened, settings(params))
    front = pareto(opened)
    print_rows(front, params.sweep)
    if write:
        chosen = [r for r in rows(opened) if r.number == trial] if trial is not None else front
        if not chosen:
            raise UserError(f"study {study}: trial {trial} is not a completed one")
        write_variant(PARAMS, params, chosen[0].point)
        number = chosen[0].number
        say(f"trial {number} is the variant {VARIANT} in {PARAMS}; `dvc repro` trains it")


@app.command()
def report(study: StudyOption = "transfer", storage: StorageOption = None) -> None:
    """Write reports/sweeps/STUDY/index.html and its figures."""
    from dagm_transfer.sweep.objective import data_of
    from dagm_transfer.sweep.page import write_page
    from dagm_transfer.sweep.study import check, known_study, settings

    params, paths = load(PARAMS), _paths(study)
    facts = data_of(params.sweep).facts
    opened = known_study(_url(storage, paths, WorkPaths(project_root())), study)
    check(opened, {"data": facts["digest"], **settings(params)})
    write_page(opened, params, facts, paths)
    say(f"{paths.folder / 'index.html'}: open it in a browser")


def _paths(study: str) -> SweepPaths:
    return SweepPaths(checked_name(study, "--study: "))


def _url(storage: str | None, paths: SweepPaths, work: WorkPaths) -> str:
    """The URL of a study's storage; not that of the tracking store: both number their tables."""
    from dagm_transfer.sweep.storage import is_same, without_password

    path, store = paths.database(work), tracking_uri(work.root)
    if storage is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{path}"
    if not is_server(store) and is_same(storage, store):
        shown = without_password(storage, storage)
        raise UserError(f"{shown}: is MLflow's database; name another for the study")
    return storage


def _move_logs_aside(paths: SweepPaths, work: WorkPaths) -> None:
    """Make room for the logs of a study that begins; the logs are the record: none is deleted."""
    if paths.logs.exists() and any(paths.logs.iterdir()):
        aside = work.folder / "sweeps" / f"{paths.study}-{uuid.uuid4().hex[:8]}"
        aside.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(paths.logs, aside)
        say(f"the logs of another study of this name lie in {aside} now")


def _check_logs(paths: SweepPaths, trials: int) -> None:
    """That no logs lie there but those of trials that the study has."""
    for log in sorted(paths.logs.glob("trial-*.jsonl")):
        number = log.stem.removeprefix("trial-")
        if not number.isdigit() or int(number) >= trials:
            raise UserError(
                f"{log}: not a log of this study; choose another --study, or move "
                f"{paths.folder} away"
            )


def say_if_trivial(facts: Mapping[str, Any], target: float) -> None:
    """Say before any training that the target tells nothing on these data, where it does not."""
    trivial = facts["trivial_accuracy"]["val"]
    if trivial >= target:
        say(
            f'sweep.target: "never defective" is right for {trivial:.1%} of the validation images '
            f"already, so no trial counts as having reached {target:.1%}"
        )
