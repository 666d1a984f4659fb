"""The study: its objectives, which point comes next, and what becomes of a trial."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
import psutil
from optuna import Study, Trial
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import BaseStorage, fail_stale_trials
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from dagm_transfer.config.sweep import Sweep
from dagm_transfer.errors import UserError
from dagm_transfer.sweep.space import canonical, distributions, grid, size, untried
from dagm_transfer.sweep.storage import expected, open_storage, retry

ACCURACY, TO_TARGET = "val/accuracy", "iterations to target"
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
PROCESS = "process"  # the user attribute that names who handed a trial out


def open_study(
    storage: BaseStorage, name: str, sweep: Sweep, about: Mapping[str, Any], *, prune: bool
) -> Study:
    """The study of this name, made where there is none.

    Two objectives: the validation accuracy at the end, up, and the iterations to the target
    accuracy, down. With pruning, which Optuna has for one objective alone, only the first.

    Args:
        storage: where it is kept.
        name: of the study.
        sweep: what it tries.
        about: what all trials of a study share: the data, the trunk.
        prune: stop trials that lie below the median of the others.

    Raises:
        UserError: a study of this name has other objectives, or was begun on something else.
    """
    wanted = [StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE][: 1 if prune else 2]
    study = optuna.create_study(
        storage=storage, study_name=name, load_if_exists=True, directions=wanted
    )
    if study.directions != wanted:
        found = ", ".join(direction.name.lower() for direction in study.directions)
        raise UserError(
            f"study {name}: exists with other objectives ({found}); choose another --study"
        )
    fixed = sweep.model_dump(mode="json", exclude={"sampler", "seed", "first"})
    asked = {**about, **fixed}
    for what, value in asked.items():
        known = study.user_attrs.get(what)
        if known is not None and known != value:
            raise UserError(f"study {name}: was begun with another {what}; choose another --study")
        if known is None:
            study.set_user_attr(what, value)
    with expected():
        study.set_metric_names([ACCURACY, TO_TARGET][: len(wanted)])
    study.sampler = _sampler(sweep, len(study.get_trials(deepcopy=False)))
    if prune:
        study.pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1)
    return study


def known_study(where: str, name: str) -> Study:
    """A study that exists, in a storage (see `open_storage`).

    Raises:
        UserError: it does not.
    """
    if "://" not in where and not Path(where).exists():
        raise UserError(f"{where}: no study there yet; `dagm sweep run --study {name}` begins one")
    storage = open_storage(where)
    try:
        return optuna.load_study(study_name=name, storage=storage)
    except KeyError:
        there = ", ".join(optuna.get_all_study_names(storage)) or "none"
        raise UserError(f"study {name}: not in this storage; there are: {there}") from None


def _sampler(sweep: Sweep, trials: int) -> BaseSampler:
    """Seeded by seed and the trials there are: a resumed study does not repeat itself."""
    seed = sweep.seed + trials
    if sweep.sampler == "tpe":
        return TPESampler(seed=seed, multivariate=True)
    return RandomSampler(seed=seed)


def next_trial(study: Study, sweep: Sweep) -> Trial | None:
    """The next trial: one that waits, a point to begin with, the grid's next, or the sampler's.

    None where every point of the space is done or running.
    """
    trials = study.get_trials(deepcopy=False)
    counted = [trial for trial in trials if trial.state in (*DONE, TrialState.RUNNING)]
    tried = [trial.params for trial in counted]
    endless = size(sweep.space) is None and sweep.sampler != "grid"
    points = [] if endless else grid(sweep.space, sweep.seed)
    left = list(untried(points, tried))
    waiting = any(trial.state == TrialState.WAITING for trial in trials)
    if not waiting:
        if not endless and not left:
            return None
        first = [] if sweep.sampler == "grid" else sweep.first
        begin = next(untried(first, tried), left[0] if sweep.sampler == "grid" else None)
        if begin is not None:
            study.enqueue_trial(begin)
    trial = _ask(study, sweep)
    if not endless and canonical(trial.params) in {canonical(point) for point in tried}:
        give_up(study, trial.number, "the sampler came back to a point that is done", again=False)
        study.enqueue_trial(left[0])
        return _ask(study, sweep)
    return trial


def _ask(study: Study, sweep: Sweep) -> Trial:
    with expected():
        return study.ask(distributions(sweep.space))


def give_up(study: Study, number: int, why: str, *, again: bool) -> None:
    """Fail a running trial; `again` puts its point into the queue."""
    frozen = _trial(study, number)
    if frozen.state == TrialState.RUNNING:
        storage_trial = optuna.Trial(study, frozen._trial_id)  # noqa: SLF001 - as Optuna's own
        storage_trial.set_user_attr("error", why)
        study.tell(number, state=TrialState.FAIL)
        if again:
            retry()(study, _trial(study, number))


def take_over(study: Study) -> list[int]:
    """Fail what dead processes left running and queue it again; the numbers of those trials.

    In a database that shows by heartbeats that no longer come; in a journal file, which has
    none, by the process that a trial was handed out by.
    """
    before = _numbers(study, TrialState.RUNNING)
    with expected():
        fail_stale_trials(study)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_dead(trial):
            give_up(study, trial.number, "the process that handed it out is gone", again=True)
    return sorted(before - _numbers(study, TrialState.RUNNING))


def this_process() -> str:
    """Machine, number and start of this process: no two are the same."""
    return _named(psutil.Process())


def _named(process: psutil.Process) -> str:
    return f"{socket.gethostname()} {process.pid} {process.create_time():.2f}"


def _is_dead(trial: FrozenTrial) -> bool:
    host, _, rest = trial.user_attrs.get(PROCESS, "").partition(" ")
    if host != socket.gethostname():
        return False  # on another machine, or not handed out by one of us
    try:
        return _named(psutil.Process(int(rest.split()[0]))) != f"{host} {rest}"
    except psutil.NoSuchProcess:
        return True


def _trial(study: Study, number: int) -> FrozenTrial:
    return study.get_trials(deepcopy=False)[number]


def _numbers(study: Study, state: TrialState) -> set[int]:
    return {trial.number for trial in study.get_trials(deepcopy=False, states=(state,))}
