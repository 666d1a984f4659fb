"""What Optuna optimises: the point of a trial is trained, and judged on validation images alone."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import parent_process
from pathlib import Path

from optuna import Study, Trial, TrialPruned
from optuna.trial import FrozenTrial, TrialState

from dagm_transfer.core.errors import UserError, one_line
from dagm_transfer.core.files import digest_of, read_json
from dagm_transfer.core.locks import owner
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Evaluation, Recorder, Timing, record_all
from dagm_transfer.events.log import JsonlRecorder, LogFiles
from dagm_transfer.judging.curve import convergence_metrics
from dagm_transfer.metrics.convergence import first_reaching
from dagm_transfer.params import Params
from dagm_transfer.source.paths import FACTS, TRUNK
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.sweep.search_space import Point, depths, suggest
from dagm_transfer.sweep.settings import Sweep
from dagm_transfer.sweep.study import CALL, ERROR, PROCESS, is_tried
from dagm_transfer.training.device import choose_device, environment
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.prefix_cache import PrefixCache
from dagm_transfer.training.run import Run

# Makes what hears of one trial besides its log; is told the id of the run that it makes.
Track = Callable[[Callable[[str], None]], Sequence[Recorder]]


@dataclass(frozen=True)
class Setup:
    """What the trials of one call have in common.

    Attributes:
        study: its name, and `url` that of its storage.
        call: tells the trials of this call from others.
        params: what is tried, and how it is trained.
        prune: end trials below the median.
        digests: of the data and the trunk that the study is about.
        work: locks and caches.
        provenance: what the logs say of where the trials come from.
        tracking: who hears of the trials besides their logs; given the lock of the process.
    """

    study: str
    url: str
    call: str
    params: Params
    prune: bool
    digests: Mapping[str, str]
    work: WorkPaths
    provenance: Mapping[str, str]
    tracking: Callable[[Path], Track]


def data_of(sweep: Sweep) -> Prepared:
    """What its trials train on: where each seed tests another fold, that of the sweep's."""
    return Prepared(PREPARED).for_seed(sweep.seed)


def digests_now(sweep: Sweep) -> dict[str, str]:
    """Of the prepared data and the trunk, as they lie in the project.

    Raises:
        UserError: they are not there.
    """
    for path in (PREPARED / "facts.json", FACTS, TRUNK):
        if not path.exists():
            raise UserError(f"{path}: not there yet; `dvc repro` makes it")
    return {
        "data": data_of(sweep).facts["digest"],
        "source": read_json(FACTS)["digest"],
    }


class Objective:
    """Trains one trial after the other; data, device and cache are loaded once.

    Args:
        setup: of the call.
        device: to train on.
        lock: that this process holds: others can tell by it whether its trials live.
        on_begin: called once the point of a trial is known.
    """

    def __init__(self, setup: Setup, device: str, lock: Path, on_begin: Callable[[], None]):
        self._setup, self._lock, self._on_begin = setup, lock, on_begin
        self._device, self._data = choose_device(device), data_of(setup.params.sweep)
        params = setup.params
        self._cache = PrefixCache(
            setup.work.cache, params.machine.cache_max_gib, depths(params.sweep.space)
        )
        self._track = setup.tracking(lock)
        self._recorders: Sequence[Recorder] = ()
        self._curve: list[Evaluation] = []
        self.fatal = ""  # why no trial can go on

    def __call__(self, trial: Trial) -> Sequence[float]:
        """The trial's validation accuracy, and the iterations to the target where those count."""
        self._recorders, self._curve = (), []
        try:
            trial.set_user_attr(PROCESS, owner(self._lock))
            trial.set_user_attr(CALL, self._setup.call)
            point = self._point(trial)
            self._on_begin()
            return self._values(trial, diverged=self._train(trial, point))
        except TrialPruned:
            raise
        except Exception as error:
            self.fatal = str(error) if isinstance(error, UserError) else ""
            trial.set_user_attr(ERROR, self.fatal or one_line(error))
            raise

    def _point(self, trial: Trial) -> Point:
        point = suggest(trial, self._setup.params.sweep.space)
        if is_tried(trial, point):
            raise TrialPruned
        return point

    def end(self, study: Study, trial: FrozenTrial) -> None:
        """Write down what became of a trial; a callback of `optimize`."""
        del study
        told = trial.user_attrs
        metrics = dict(zip(("sweep/accuracy", "sweep/to_target"), trial.values or (), strict=False))
        known = [name for name in ("reached", "diverged") if name in told]
        tags: dict[str, str] = {name: str(told[name]).lower() for name in known}
        if ERROR in told:
            tags[ERROR] = told[ERROR]
        self._end(trial.state.name, {**metrics, **told.get("convergence", {})}, tags)

    def abandon(self) -> None:
        """Write down that the trial in hand is no longer the study's, or was failed by others."""
        self._end(TrialState.FAIL.name, {}, {ERROR: "the study has taken it for lost"})

    def _end(self, state: str, metrics: Mapping[str, float], tags: Mapping[str, str]) -> None:
        step, told = self._curve[-1].step if self._curve else 0, {"optuna.state": state, **tags}
        record_all(self._recorders, End(step, metrics, told, Timing(time.time())))
        self._recorders = ()

    def _train(self, trial: Trial, point: Point) -> bool:
        """Train the point; whether that diverged."""
        params, digests = self._setup.params, self._setup.digests
        if any(digest != digests[what] for what, digest in digests_now(params.sweep).items()):
            raise UserError(
                "other data or another trunk than the study's came while it ran; put back what was "
                "there, or choose another --study"
            )
        settings, model = params.point(point)
        run = Run(
            "sweep", params.sweep.seed, settings, model, params.train, self._data, TRUNK, FACTS
        )
        log = LogFiles.at(SweepPaths(self._setup.study).log(trial.number))
        if log.exists():
            raise UserError(f"{log.log}: a log of another study; move it away")

        tracked = self._track(lambda run_id: trial.set_user_attr("mlflow.run_id", run_id))
        self._recorders = [JsonlRecorder(log), *tracked]
        record_all(self._recorders, self._begin(run, trial.number))
        # Without a workspace: a trial that dies is tried again from its beginning.
        return train_network(
            run.initial_network(),
            self._data.inputs("train"),
            self._data.inputs("val"),
            run.recipe,
            self._device,
            make_feeds=self._cache,
            record=partial(self._evaluated, trial),
        ).diverged

    def _evaluated(self, trial: Trial, evaluation: Evaluation) -> None:
        self._curve.append(evaluation)
        record_all(self._recorders, evaluation)
        parent = parent_process()
        if parent and not parent.is_alive():
            raise SystemExit
        if self._setup.prune:
            trial.report(evaluation.metrics["val/accuracy"], evaluation.step)
            if trial.should_prune():
                raise TrialPruned

    def _begin(self, run: Run, number: int) -> Begin:
        study = self._setup.study
        return replace(
            run.begin(environment(self._device), self._setup.provenance),
            identity=digest_of([study, number, run.identity]),
            key=f"{study}-{number:04d}",
            tags={
                "optuna.study": study,
                "optuna.trial": str(number),
                "sweep.target": f"{self._setup.params.sweep.target:g}",
            },
        )

    def _values(self, trial: Trial, *, diverged: bool) -> Sequence[float]:
        """One that never gets to the target counts as its whole budget, and says so.

        A training that diverged has not reached it, whatever it was before; nor has one where the
        answer "never defective" is as good.
        """
        sweep, judge, facts = self._setup.params.sweep, self._setup.params.judge, self._data.facts
        steps = [event.step for event in self._curve]
        accuracies = [event.metrics["val/accuracy"] for event in self._curve]
        counts = not diverged and sweep.target > facts["trivial_accuracy"]["val"]
        reached = first_reaching(steps, accuracies, sweep.target) if counts else None
        trial.set_user_attr("reached", reached is not None)
        trial.set_user_attr("diverged", diverged)
        found = convergence_metrics(
            self._curve, facts, targets=judge.targets, tolerance=judge.tolerance, diverged=diverged
        )
        trial.set_user_attr("convergence", found)
        values = [accuracies[-1], float(sweep.iterations if reached is None else reached)]
        return values[: len(trial.study.directions)]
