"""What the commands tell the tracking store. A store that is down is said, and no failure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagm_transfer.cli.console import say
from dagm_transfer.core.errors import reason
from dagm_transfer.core.files import read_json
from dagm_transfer.core.work import WorkPaths, project_root
from dagm_transfer.events.event import LAYERS, TRAINING
from dagm_transfer.report.paths import FIGURES, SHOWN

if TYPE_CHECKING:
    from dagm_transfer.events.event import Begin, Event, Recorder
    from dagm_transfer.tracking.entities import Draw
    from dagm_transfer.tracking.fail_soft import StoreRecorder
    from dagm_transfer.tracking.store import Destination

INNER = ("embedding", "interpolation", "responses")  # how the names of such figures begin


def draws() -> "Mapping[str, Draw]":
    """The figures of each kind of log; matplotlib is imported where one is drawn."""

    def training(events: "list[Event]") -> "Mapping[str, Any]":
        from dagm_transfer.report.figures.logs import training_figures

        return training_figures(events)

    def layers(events: "list[Event]") -> "Mapping[str, Any]":
        from dagm_transfer.report.figures.logs import layers_figures

        return layers_figures(events)

    return {TRAINING: training, LAYERS: layers}


def replay_all(
    work: WorkPaths,
    on_run: "Callable[[Begin, bool], None]" = lambda _begin, _changed: None,
) -> int:
    """Put every finished log into the store; how many runs there are."""
    from dagm_transfer.tracking.replay import finished_runs, replay

    runs = finished_runs(work.root, work, say)
    replay(runs, work, draws(), on_run)
    return len(runs)


def rebuild_store_if_moved(work: WorkPaths) -> None:
    """Make the store of this checkout anew from the logs where the checkout has moved."""
    from dagm_transfer.tracking.location import rebuild_if_moved

    if rebuild_if_moved(work, say):  # before mlflow holds on to the file
        replay_all(work)


def open_current_store(work: WorkPaths) -> "Destination":
    """The store of this checkout."""
    rebuild_store_if_moved(work)
    from dagm_transfer.tracking.store import open_store

    return open_store(work)


def training_tracker(work: WorkPaths, lock: Path) -> "AbstractContextManager[Recorder]":
    """A listener that logs a training to the tracking store, as long as there is one."""

    def make() -> "StoreRecorder":
        place = open_current_store(work)
        from dagm_transfer.tracking.recorder import TrainingRecorder

        return TrainingRecorder(place, lock=lock, draw=draws()[TRAINING])

    return _tracked(make)


def sync_run(key: str) -> None:
    """Put what the outputs say of one run into the tracking store."""

    def act() -> None:
        place = open_current_store(WorkPaths(project_root()))
        from dagm_transfer.tracking.replay import run_logs
        from dagm_transfer.tracking.sync import sync_run as put

        put(place, run_logs(key, Path()), draws())

    fail_soft(act)


def sync_figures(root: Path = Path()) -> None:
    """Put the report's figures of what is inside networks among the artifacts of their runs."""

    def act() -> None:
        shown, pngs = root / SHOWN, _inner_figures(root / FIGURES)
        if not shown.exists() or not pngs:
            return
        place = open_current_store(WorkPaths(project_root()))
        from dagm_transfer.events.log import begin_of, finished_log
        from dagm_transfer.tracking.report_figures import log_report_figures
        from dagm_transfer.training.paths import TrainingPaths

        for key in read_json(shown):
            begin = begin_of(finished_log(TrainingPaths(key).log.below(root)))
            log_report_figures(place, begin, pngs)

    fail_soft(act)


def _inner_figures(folder: Path) -> list[Path]:
    """Figures of networks that no log of a run could be drawn from."""
    return [png for png in sorted(folder.glob("*.png")) if png.name.startswith(INNER)]


def sweep_tracking(
    work: WorkPaths, study: str, lock: Path
) -> "Callable[[Callable[[str], None]], Sequence[Recorder]]":
    """What logs each trial to the tracking store, under one parent, as long as there is a store.

    One that failed is not asked again for the next trial: waiting for it would hold up the sweep.
    """
    from dagm_transfer.tracking.fail_soft import FailSoftRecorder

    failures: list[str] = []

    def give_up(failure: str) -> None:
        failures.append(failure)
        say(failure)

    @cache
    def place() -> "Destination":
        from dagm_transfer.tracking.sweeps import open_sweep

        return open_sweep(work, study)

    def recorders(on_run: Callable[[str], None]) -> "Sequence[Recorder]":
        def make() -> "StoreRecorder":
            from dagm_transfer.tracking.recorder import TrainingRecorder

            return TrainingRecorder(place(), lock=lock, draw=draws()[TRAINING], on_run=on_run)

        return [] if failures else [FailSoftRecorder(make, give_up)]

    return recorders


def mend_sweep(work: WorkPaths, study: str) -> None:
    """End the runs of a sweep's dead processes, and put there what their logs say to the end."""

    def act() -> None:
        from dagm_transfer.events.log import begin_of
        from dagm_transfer.tracking.replay import finished_runs
        from dagm_transfer.tracking.store import end_dead_runs
        from dagm_transfer.tracking.sweeps import STUDY, open_sweep
        from dagm_transfer.tracking.sync import sync_run as put

        place = open_sweep(work, study)
        end_dead_runs(place)
        for logs in finished_runs(Path(), work, say):
            if begin_of(logs[TRAINING]).tags.get(STUDY) == study:
                put(place, logs, draws())

    fail_soft(act)


def save_sweep_view(work: WorkPaths, study: str) -> None:
    """Have MLflow's page of a sweep open on its parameters and accuracies."""

    def act() -> None:
        from dagm_transfer.tracking.sweep_view import save_sweep_view as save
        from dagm_transfer.tracking.sweeps import open_sweep

        save(open_sweep(work, study))

    fail_soft(act, "`dagm ui` arranges the page")


@contextmanager
def _tracked(make: "Callable[[], StoreRecorder]") -> "Iterator[Recorder]":
    from dagm_transfer.tracking.fail_soft import FailSoftRecorder

    recorder = FailSoftRecorder(make, say)
    try:
        yield recorder
    finally:
        recorder.abandon()


def fail_soft(act: Callable[[], None], later: str = "`dagm track` does it") -> None:
    """Do something with the store; where that fails, say so, and what makes up for it."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever a store can do wrong
        say(f"not in the tracking store ({reason(error)}); {later} later")
