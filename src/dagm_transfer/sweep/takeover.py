"""What becomes of trials that a process handed out and did not live to end."""

from datetime import datetime
from math import inf

from optuna import Study
from optuna.storages import fail_stale_trials
from optuna.trial import FrozenTrial, TrialState

from dagm_transfer.core.locks import is_gone
from dagm_transfer.sweep.storage import GRACE, HISTORY, expected
from dagm_transfer.sweep.study import give_up

OWNER = "process"  # the user attribute of a trial that says who handed it out


def take_over(study: Study) -> list[int]:
    """Fail what dead processes left running and queue it again; the numbers of those trials.

    In a database that shows by heartbeats that no longer come; in a journal file, which has
    none, by the process that a trial was handed out by. One that nobody claimed was asked for by a
    process that died at that moment.
    """
    before = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    with expected():
        fail_stale_trials(study)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if is_gone(trial.user_attrs.get(OWNER, {})) or _is_unclaimed(trial):
            give_up(study, trial.number, "the process that handed it out is gone", tries=inf)
    now = study.get_trials(deepcopy=False)
    return [trial.number for trial in before if now[trial.number].state == TrialState.FAIL]


def _is_unclaimed(trial: FrozenTrial) -> bool:
    """Whether nobody has it, though it is ours: others' trials have parameters by then."""
    if OWNER in trial.user_attrs or (trial.params and HISTORY not in trial.system_attrs):
        return False
    began = trial.datetime_start
    return began is not None and (datetime.now() - began).total_seconds() > GRACE  # noqa: DTZ005
