"""The study: what belongs to it, which point comes next, and which trials were lost."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna import Study, Trial
from optuna.exceptions import UpdateFinishedTrialError
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of
from dagm_transfer.core.locks import is_gone
from dagm_transfer.events.identity import code_digest
from dagm_transfer.judging import curve
from dagm_transfer.metrics import convergence
from dagm_transfer.params import Params
from dagm_transfer.sweep.search_space import Point, grid, is_finite
from dagm_transfer.sweep.settings import Sweep
from dagm_transfer.sweep.storage import GRACE, RETRIES, experimental, file_of, open_storage, retry
from dagm_transfer.training.run import training_code

OBJECTIVES = ("val/accuracy", "iterations to target")
DIRECTIONS = [StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE]
# User attributes of a trial: who has it in hand, which call of a sweep it is of, why it failed.
PROCESS, CALL, ERROR = "process", "call", "error"
ABOUT = "about"  # the study's: what it was begun on


def open_study(
    storage: RDBStorage, name: str, begun_on: Mapping[str, Any], *, prune: bool
) -> Study:
    """The study of this name, made where there is none.

    Two objectives: the validation accuracy at the end, up, and the iterations to the target
    accuracy, down. With pruning, which Optuna has for one objective alone, only the first.

    Args:
        storage: where it is kept.
        name: of the study.
        begun_on: what all trials of a study share (see `settings`), the data, the trunk, the code.
        prune: stop trials that lie below the median of the others.

    Raises:
        UserError: a study of this name has other objectives, or was begun on something else.
    """
    wanted = DIRECTIONS[: 1 if prune else 2]
    study = optuna.create_study(
        storage=storage, study_name=name, directions=wanted, load_if_exists=True
    )
    if study.directions != wanted:
        found = ", ".join(direction.name.lower() for direction in study.directions)
        raise UserError(
            f"study {name}: exists with other objectives ({found}); choose another --study"
        )
    check(study, begun_on)
    study.set_user_attr(ABOUT, dict(begun_on))
    with experimental():
        study.set_metric_names(list(OBJECTIVES[: len(wanted)]))
    return study


def known_study(url: str, name: str) -> Study:
    """A study that is there.

    Raises:
        UserError: it is not.
    """
    if (path := file_of(url)) and not path.exists():
        raise UserError(f"{path}: no study there yet; `dagm sweep run --study {name}` begins one")
    storage = open_storage(url)
    if name not in (names := optuna.get_all_study_names(storage)):
        there = ", ".join(names) or "none"
        raise UserError(f"study {name}: not in this storage; there are: {there}")
    return optuna.load_study(study_name=name, storage=storage)


def settings(params: Params) -> dict[str, Any]:
    """What the trials of a study share, besides data, trunk and code; how to sample is free."""
    sweep = params.sweep.model_dump(mode="json", exclude={"sampler", "first", "base"})
    # What each trial has of its own is not the base's.
    own = {"iterations", "evaluate_every", *params.sweep.space}
    base = params.variants[params.sweep.base].model_dump(mode="json", exclude={"phases"})
    shared = {**base, **params.swept_phase.model_dump(mode="json")}
    return {
        **sweep,
        "base": {name: value for name, value in shared.items() if name not in own},
        "judge": params.judge.model_dump(mode="json", include={"targets", "tolerance"}),
        "model": params.model.model_dump(mode="json", exclude=own),
        "train": params.train.model_dump(mode="json"),
    }


def about(params: Params, digests: Mapping[str, str]) -> dict[str, Any]:
    """All that a study was begun on: settings, data, trunk and the code that makes its values."""
    values = code_digest([Path(str(module.__file__)) for module in (convergence, curve)])
    return {**digests, "code": digest_of([training_code(), values]), **settings(params)}


def delete_if_other(storage: RDBStorage, name: str, begun_on: Mapping[str, Any]) -> str | None:
    """Delete the study of this name where it was begun on something else; what that was."""
    if name not in optuna.get_all_study_names(storage):
        return None
    what = difference(optuna.load_study(study_name=name, storage=storage), begun_on)
    if what:
        optuna.delete_study(study_name=name, storage=storage)
    return what


def difference(study: Study, begun_on: Mapping[str, Any]) -> str | None:
    """What a study with trials was begun with another of; None where all is the same."""
    begun = study.user_attrs.get(ABOUT, {}) if study.get_trials(deepcopy=False) else {}
    others = [what for what, value in begun_on.items() if begun.get(what, value) != value]
    return others[0] if others else None


def check(study: Study, begun_on: Mapping[str, Any]) -> None:
    """That a study was begun on these data and settings.

    Raises:
        UserError: it was not.
    """
    if what := difference(study, begun_on):
        raise UserError(
            f"study {study.study_name}: was begun with another {what}; choose another --study, "
            "or put back what there was"
        )


def sampler(sweep: Sweep, trials: int) -> BaseSampler:
    """Seeded by seed and the trials there are: a resumed study does not repeat itself."""
    if sweep.sampler == "tpe":
        with experimental():
            return TPESampler(seed=sweep.seed + trials, multivariate=True)
    return RandomSampler(seed=sweep.seed + trials)


def enqueue_next(study: Study, sweep: Sweep) -> bool:
    """Have the next point wait: one to begin with, or the grid's; else the sampler draws one.

    In a space that has an end the sampler is not left to come across the last points: where it
    repeated itself, one that was not tried is enqueued. False where every point was tried.
    """
    trials = study.get_trials(deepcopy=False)
    if any(trial.state == TrialState.WAITING for trial in trials):
        return True
    tried = [trial.params for trial in trials if not is_repeated(trial)]
    gridded = sweep.sampler == "grid"
    finite = gridded or is_finite(sweep.space)
    points = grid(sweep.space, sweep.seed) if finite else []
    left = [point for point in points if point not in tried]
    first = [point for point in sweep.first if not gridded and point not in tried]
    if gridded or first or (trials and is_repeated(trials[-1])):
        for point in (first or left)[:1]:
            study.enqueue_trial(point)
    return bool(left) or not finite


def is_tried(trial: Trial, point: Point) -> bool:
    """Whether another trial had this point, or has it; a failed one, unless this is its retry."""
    trials = trial.study.get_trials(deepcopy=False)
    counting = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING]
    with experimental():
        original = RetryHeartbeatStaleTrialCallback.retried_trial_number(trials[trial.number])
    if original is None:
        counting.append(TrialState.FAIL)
    others = [other for other in trials if other.number != trial.number and not is_repeated(other)]
    return any(other.params == point and other.state in counting for other in others)


def is_repeated(trial: FrozenTrial) -> bool:
    """Whether a trial was pruned at once because its point was tried already."""
    return trial.state == TrialState.PRUNED and not trial.intermediate_values


def error_of(trial: FrozenTrial) -> str:
    """Why a trial failed."""
    why: str = trial.user_attrs.get(ERROR, "its process died")
    return why


def fail_lost(study: Study, retries: int | None = RETRIES) -> int:
    """Fail what dead processes of this machine left running, and have it tried again.

    Those of other machines are left to their heartbeats.

    Args:
        study: of the trials.
        retries: of one point, at most; None where it was not the point that ended the process.

    Returns:
        How many trials were lost.
    """
    lost = 0
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        if _is_lost(trial):
            try:
                study.tell(trial.number, state=TrialState.FAIL)
            except (ValueError, UpdateFinishedTrialError):  # another process was faster
                continue
            retry(study, trial, retries)
            lost += 1
    return lost


def _is_lost(trial: FrozenTrial) -> bool:
    if PROCESS in trial.user_attrs:
        return is_gone(trial.user_attrs[PROCESS])
    # One that nobody has claimed for so long was asked for by a process that died just then.
    assert trial.datetime_start
    return (datetime.now() - trial.datetime_start).total_seconds() > GRACE  # noqa: DTZ005
