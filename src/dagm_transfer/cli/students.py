"""`dagm students`: run, report."""

from typing import Annotated

import typer

from dagm_transfer.cli.console import ConsoleRecorder, bar, say
from dagm_transfer.cli.runs import locked
from dagm_transfer.cli.stages import HERE, SeedOption
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths, project_root
from dagm_transfer.inspection.students.paths import NO_TEACHER, STUDENTS_PAGE, ClassPaths
from dagm_transfer.params import PARAMS, load

app = typer.Typer(
    no_args_is_help=True, help="Small networks that learn from trained ones: students."
)

TeacherArgument = Annotated[
    str, typer.Argument(help=f"a variant, or `{NO_TEACHER}`: from the labels alone")
]


@app.command()
def run(teacher: TeacherArgument, seed: SeedOption = 0) -> None:
    """Train and judge the students of one teacher; those that are finished are kept."""
    from dagm_transfer.data.paths import PREPARED, RAW
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.events.provenance import provenance
    from dagm_transfer.inspection.students.student_training import Surroundings
    from dagm_transfer.stages.students import Setup, students
    from dagm_transfer.training.device import choose_device

    params = load(PARAMS)
    known = [NO_TEACHER, *params.study.variants]
    if teacher not in known:
        raise UserError(f"{teacher}: not under study.variants; there are {', '.join(known)}")
    if not (PREPARED / "facts.json").exists():
        raise UserError(f"{PREPARED}: not there yet; `dvc repro` makes it")
    paths = ClassPaths(teacher, seed)
    lock = WorkPaths(project_root()).lock(f"students-{paths.key}")
    with locked(lock, f"students of {paths.key}"):
        rows = students(
            paths,
            Setup(
                settings=params.students,
                judge=params.judge,
                model=params.model,
                train=params.train,
                data=Prepared(PREPARED).for_seed(seed),
                raw=RAW,
                around=Surroundings(
                    root=HERE,
                    device=choose_device(params.machine.device),
                    watchers=[ConsoleRecorder()],
                    provenance=provenance(),
                    say=say,
                ),
                show=bar,
            ),
        )
    for row in rows:
        said = f"test accuracy {row.metrics['test/accuracy']:.1%}, {row.parameters:,} parameters"
        say(f"{paths.key}  1/{row.divisor} of the filters: {said}")


@app.command()
def report() -> None:
    """Write reports/students/index.html, its figures, and the table of all students."""
    from dagm_transfer.data.paths import PREPARED
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.report.students.student_page import write_students_page

    params = load(PARAMS)
    write_students_page(params.students, params.judge, Prepared(PREPARED), HERE)
    say(f"{STUDENTS_PAGE}: open it in a browser")
