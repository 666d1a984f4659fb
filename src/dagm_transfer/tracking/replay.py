"""Every finished log into the store: after a clone, a restored run, or a store that was down."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.event import KINDS, TRAINING, Begin, Event
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.events.log import LogFiles, begin_of, finished_log, is_finished, read_log
from dagm_transfer.tracking.entities import Draw
from dagm_transfer.tracking.store import Destination, end_dead_runs, open_store
from dagm_transfer.tracking.sweeps import STUDY, open_sweep
from dagm_transfer.tracking.sync import Logs, sync_run

LATER = ("judged", "layers")  # folders below reports/ of the logs that have no timings

RunId = tuple[str, str]  # identity and environment


def finished_runs(project: Path, work: WorkPaths, warn: Callable[[str], None]) -> list[Logs]:
    """The finished logs of a project, by run and kind, by the time at which the runs began.

    What lies among the outputs is taken before what is kept among the working files. A file that
    is no log, and a run whose training's log is nowhere, are warned of and left out.
    """
    found: dict[RunId, dict[str, list[Event]]] = {}
    for files in _files(project, work):
        try:
            events = read_log(files)
        except (UserError, OSError) as error:
            warn(f"left out: {error}")
            continue
        if is_finished(events) and begin_of(events).kind in KINDS:
            begin = begin_of(events)
            found.setdefault(_run_id(begin), {}).setdefault(begin.kind, events)
    whole: list[Logs] = []
    for logs in found.values():
        if TRAINING in logs:
            whole.append(logs)
        else:
            begin = begin_of(next(iter(logs.values())))
            warn(f"{begin.key} ({begin.identity[:12]}) left out: the log of its training is gone")
    return sorted(whole, key=lambda logs: begin_of(logs[TRAINING]).timing.time)


def run_logs(key: str, project: Path) -> Logs:
    """What the outputs say of one run; a judging or layers of the run before it is passed over.

    Raises:
        UserError: its training is not finished, or a file is no log.
    """
    training = finished_log(_training(project / "reports", key))
    found = {TRAINING: training}
    for folder in LATER:
        events = read_log(LogFiles.at(project / "reports" / folder / f"{key}.jsonl"))
        if is_finished(events) and _run_id(begin_of(events)) == _run_id(begin_of(training)):
            found[begin_of(events).kind] = events
    return found


def replay(
    runs: Iterable[Logs],
    work: WorkPaths,
    draws: Mapping[str, Draw],
    on_run: Callable[[Begin, bool], None] = lambda _begin, _changed: None,
) -> None:
    """Put the logs of runs into the store; those that are there already change nothing.

    Args:
        runs: as `finished_runs` gives them.
        work: of the checkout that the store belongs to.
        draws: the figures of each kind of log that has some.
        on_run: given each run, and whether the store changed.
    """
    opened: dict[str, Destination] = {}
    for logs in runs:
        begin = begin_of(logs[TRAINING])
        study = begin.tags.get(STUDY, "")
        if study not in opened:
            opened[study] = open_sweep(work, study) if study else open_store(work)
            end_dead_runs(opened[study])
        on_run(begin, sync_run(opened[study], logs, draws))


def _files(project: Path, work: WorkPaths) -> Iterator[LogFiles]:
    """All logs there may be; the outputs first."""
    reports = project / "reports"
    for log in sorted((reports / "runs").glob("*.jsonl")):
        yield _training(reports, log.stem)
    for folder in LATER:
        yield from map(LogFiles.at, sorted((reports / folder).glob("*.jsonl")))
    yield from map(LogFiles.at, sorted((reports / "sweeps").glob("*/logs/*.jsonl")))
    yield from map(LogFiles.at, sorted(work.logs.glob("*.jsonl")))


def _training(reports: Path, key: str) -> LogFiles:
    return LogFiles(reports / "runs" / f"{key}.jsonl", reports / "timings" / f"{key}.json")


def _run_id(begin: Begin) -> RunId:
    return begin.identity, environment_digest(begin.environment)
