"""The study: its objectives, which point comes next, and what becomes of a trial."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from math import inf
from typing import Any

import optuna
from optuna import Study, Trial
from optuna.exceptions import DuplicatedStudyError, UpdateFinishedTrialError
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from dagm_transfer.core.errors import UserError
from dagm_transfer.params import Params
from dagm_transfer.sweep.settings import Sweep
from dagm_transfer.sweep.space import canonical, distributions, grid, size, untried
from dagm_transfer.sweep.storage import FIXED, expected, lost_of, open_storage, path_of, queue_again

ACCURACY, TO_TARGET = "val/accuracy", "iterations to target"
REPEATED = "the sampler came back to a point that was tried"
GIVEN_UP = "given up"  # the user attribute of a trial whose point is not tried again
PARDONED = "pardoned"  # the study's user attribute: numbers of trials of which it is, after all
DONE = (TrialState.COMPLETE, TrialState.PRUNED)
IDENTITY = "identity"  # the user attribute that tells studies of one name apart


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
        about: what all trials of a study share (see `settings`), the data and the trunk.
        prune: stop trials that lie below the median of the others.

    Raises:
        UserError: a study of this name has other objectives, or was begun on something else.
    """
    wanted = [StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE][: 1 if prune else 2]
    try:
        study = optuna.create_study(storage=storage, study_name=name, directions=wanted)
        study.set_user_attr(IDENTITY, uuid.uuid4().hex)
    except DuplicatedStudyError:
        study = optuna.load_study(storage=storage, study_name=name)
        _await_identity(study)
    if study.directions != wanted:
        found = ", ".join(direction.name.lower() for direction in study.directions)
        raise UserError(
            f"study {name}: exists with other objectives ({found}); choose another --study"
        )
    begun = study.get_trials(deepcopy=False)
    if begun:
        check(study, about)
    for what, value in about.items():
        if study.user_attrs.get(what) != value:
            study.set_user_attr(what, value)
    with expected():
        study.set_metric_names([ACCURACY, TO_TARGET][: len(wanted)])
    study.sampler = _sampler(sweep, len(begun))
    if prune:
        study.pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1)
    return study


def identity_of(storage: BaseStorage, name: str) -> str | None:
    """What tells a study from others of its name; None where there is none yet."""
    try:
        identity: str | None = optuna.load_study(storage=storage, study_name=name).user_attrs.get(
            IDENTITY
        )
    except KeyError:
        return None
    return identity


def _await_identity(study: Study) -> None:
    """Several machines may begin a study at once: whoever made it names it."""
    for _ in range(20):
        if IDENTITY in study.user_attrs:
            return
        time.sleep(0.1)
    study.set_user_attr(IDENTITY, uuid.uuid4().hex)  # made by other means


def settings(params: Params) -> dict[str, Any]:
    """What the trials of a study share, besides the data and the trunk; how to sample is free."""
    sweep = params.sweep.model_dump(mode="json", exclude={"sampler", "first", "base"})
    # What each trial has of its own is not the base's.
    own = {"iterations", "evaluate_every", *params.sweep.space}
    base = params.variants[params.sweep.base].model_dump(mode="json")
    shared = {**base, **base.pop("phases")[0]}
    return {
        **sweep,
        "base": {name: value for name, value in shared.items() if name not in {*own, "phases"}},
        "model": params.model.model_dump(mode="json", exclude=own),
        "train": params.train.model_dump(mode="json"),
    }


def check(study: Study, about: Mapping[str, Any]) -> None:
    """That a study was begun on these data and settings.

    Raises:
        UserError: it was not.
    """
    for what, value in about.items():
        if study.user_attrs.get(what, value) != value:
            raise UserError(
                f"study {study.study_name}: was begun with another {what}; choose another --study, "
                f"or put back what params.yaml had"
            )


def known_study(where: str, name: str) -> Study:
    """A study that exists, in a storage (see `open_storage`).

    Raises:
        UserError: it does not.
    """
    if (path := path_of(where)) and not path.exists():
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


def next_trial(
    study: Study, sweep: Sweep, on_ask: Callable[[Trial], None] = lambda _: None
) -> Trial | None:
    """The next trial: one that waits, a point to begin with, the grid's next, or the sampler's.

    A point is tried once, whoever else hands out trials of the study; one whose training failed is
    not tried again. None where every point of the space is done or running.

    `on_ask` is called with a trial before its parameters are drawn: whoever asked can be killed at
    any moment, and what is running has to say whose it is.
    """
    endless = size(sweep.space) is None and sweep.sampler != "grid"
    points = [] if endless else grid(sweep.space, sweep.seed)
    while True:
        trials, pardoned = study.get_trials(deepcopy=False), study.user_attrs.get(PARDONED, [])
        tried = [_point(trial) for trial in trials if _counts(trial, pardoned)]
        left = list(untried(points, tried))
        if not any(trial.state == TrialState.WAITING for trial in trials):
            if not endless and not left:
                return None
            first = left if sweep.sampler == "grid" else sweep.first
            if begin := next(untried(first, tried), None):
                study.enqueue_trial(begin)
        trial = _ask(study, sweep, on_ask)
        earlier = study.get_trials(deepcopy=False)[: trial.number]
        point = canonical(trial.params)
        known = {canonical(_point(other)) for other in earlier if _counts(other, pardoned)}
        inside = sweep.sampler != "grid" or point in map(canonical, points)
        if inside and point not in known:
            return trial
        give_up(study, trial.number, REPEATED, tries=0)
        study.sampler.reseed_rng()
        if left:
            study.enqueue_trial(left[0])


def _point(trial: FrozenTrial) -> dict[str, Any]:
    """A trial's point; one from the queue has it whole before its parameters are written down."""
    return {**trial.system_attrs.get(FIXED, {}), **trial.params}


def _counts(trial: FrozenTrial, pardoned: Sequence[int]) -> bool:
    """Whether the trial's point is not to be tried again."""
    given_up = trial.user_attrs.get(GIVEN_UP, False) and trial.number not in pardoned
    return trial.state in (*DONE, TrialState.RUNNING) or given_up


def pardon(study: Study, numbers: Iterable[int]) -> None:
    """Have the points of failed trials tried again: it was not they that failed."""
    study.set_user_attr(PARDONED, sorted({*study.user_attrs.get(PARDONED, []), *numbers}))


def _ask(study: Study, sweep: Sweep, on_ask: Callable[[Trial], None]) -> Trial:
    with expected():
        trial = study.ask()
    on_ask(trial)
    for name, distribution in distributions(sweep.space).items():
        trial._suggest(name, distribution)  # noqa: SLF001 - as `ask` does with distributions
    return trial


def give_up(study: Study, number: int, why: str, *, tries: float) -> None:
    """Fail a running trial; its point is queued again unless it was lost so many times.

    With endless tries this time does not count: it was not the point that failed. A trial that
    another process has failed meanwhile is left to it.
    """
    frozen = _trial(study, number)
    if frozen.state != TrialState.RUNNING:
        return
    lost = lost_of(frozen) + (tries < inf)
    with suppress(ValueError, UpdateFinishedTrialError):
        trial = optuna.Trial(study, frozen._trial_id)  # noqa: SLF001 - as Optuna's own
        trial.set_user_attr("error", why)
        trial.set_user_attr(GIVEN_UP, lost >= tries)
        study.tell(number, state=TrialState.FAIL)
        if lost < tries:
            queue_again(study, frozen, lost)


def is_running(study: Study, number: int) -> bool:
    """Whether a trial is still in hand: another process can have taken it for lost."""
    return _trial(study, number).state == TrialState.RUNNING


def _trial(study: Study, number: int) -> FrozenTrial:
    return study.get_trials(deepcopy=False)[number]
