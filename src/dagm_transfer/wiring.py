"""What the command line puts together: a run from the parameters, its lock, its listeners."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from dagm_transfer import places
from dagm_transfer.config.params import Params
from dagm_transfer.console import say
from dagm_transfer.errors import UserError

if TYPE_CHECKING:
    from dagm_transfer.stages.run import Run
    from dagm_transfer.tracking.forgiving import StoreRecorder
    from dagm_transfer.tracking.store import Destination
    from dagm_transfer.training.recorder import Recorder


def work_places() -> places.WorkPlaces:
    """The working files of the checkout that this process runs in."""
    return places.WorkPlaces(places.project_root())


def run_of(params: Params, variant: str, seed: int) -> "Run":
    """The run of a variant and a seed over what lies in the project.

    Raises:
        UserError: there is no such variant, or no data or trunk yet.
    """
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.stages.run import Run

    if variant not in params.variants:
        raise UserError(f"no variant {variant}; params.yaml has {', '.join(params.variants)}")
    for path in (places.PREPARED / "facts.json", places.SOURCE):
        if not path.exists():
            raise UserError(f"{path}: not there yet; `dvc repro` makes it")
    return Run(
        variant=variant,
        seed=seed,
        settings=params.variants[variant],
        model=params.model,
        train=params.train,
        data=Prepared(places.PREPARED),
        trunk=places.SOURCE,
        trunk_facts=places.SOURCE_FACTS,
    )


def register(params: Params) -> None:
    """Register the best of the named runs as the champion, where it is not yet."""
    from dagm_transfer.stages.results import champion, gather
    from dagm_transfer.tracking.champion import register_champion
    from dagm_transfer.tracking.store import open_store

    best = champion(gather(params.run_keys(), Path()))
    if best is None:
        return
    run = run_of(params, best.begin.variant, best.begin.seed)
    if register_champion(open_store(work_places()), best.begin.identity, run):
        say(f"{run.key} is registered as the champion")


@contextmanager
def locked(lock: Path, key: str) -> Iterator[None]:
    """Alone at this run: a killed DVC can leave its training alive."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout:
        raise UserError(
            f"{key}: another process is training this run; wait for it, or end it "
            "(`pkill -f 'dagm train'`), and start again"
        ) from None


def training_tracker(work: places.WorkPlaces, lock: Path) -> "AbstractContextManager[Recorder]":
    """A listener that logs a training to the tracking store, as long as there is one."""

    def make() -> "StoreRecorder":
        from dagm_transfer.figures.logs import training_figures
        from dagm_transfer.tracking.recorder import TrainingRecorder
        from dagm_transfer.tracking.store import open_store

        return TrainingRecorder(open_store(work), lock=lock, draw=training_figures)

    return _tracked(make)


def layers_tracker(work: places.WorkPlaces) -> "AbstractContextManager[Recorder]":
    """A listener that logs an analysis to the tracking store, as long as there is one."""

    def make() -> "StoreRecorder":
        from dagm_transfer.figures.logs import layers_figures
        from dagm_transfer.tracking.recorder import LayersRecorder
        from dagm_transfer.tracking.store import open_store

        return LayersRecorder(open_store(work), layers_figures)

    return _tracked(make)


def sweep_tracking(
    work: places.WorkPlaces, study: str, lock: Path
) -> "Callable[[Callable[[str], None]], Sequence[Recorder]]":
    """What logs each trial to the tracking store, under one parent, as long as there is a store.

    One that failed is not asked again for the next trial: waiting for it would hold up the sweep.
    """
    from dagm_transfer.tracking.forgiving import ForgivingRecorder

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
            from dagm_transfer.figures.logs import training_figures
            from dagm_transfer.tracking.recorder import TrainingRecorder

            return TrainingRecorder(place(), lock=lock, draw=training_figures, on_run=on_run)

        return [] if failures else [ForgivingRecorder(make, give_up)]

    return recorders


@contextmanager
def _tracked(make: "Callable[[], StoreRecorder]") -> "Iterator[Recorder]":
    from dagm_transfer.tracking.forgiving import ForgivingRecorder

    recorder = ForgivingRecorder(make, say)
    try:
        yield recorder
    finally:
        recorder.abandon()


def forgiving(act: Callable[[], None]) -> None:
    """Do something in the tracking store; a store that is down is said, and no failure."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever a store can do wrong
        say(f"not registered ({error}); `dagm track` does it later")
