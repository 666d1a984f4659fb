"""What becomes of trials that a process handed out and did not live to end."""

from math import inf

from optuna import Study
from optuna.storages import fail_stale_trials
from optuna.trial import TrialState

from dagm_transfer.processes import is_gone
from dagm_transfer.sweep.storage import expected
from dagm_transfer.sweep.study import give_up

OWNER = "process"  # the user attribute of a trial that says who handed it out


def take_over(study: Study) -> list[int]:
    """Fail what dead processes left running and queue it again; the numbers of those trials.

    In a database that shows by heartbeats that no longer come; in a journal file, which has
    none, by the process that a trial was handed out by.
    """
    before = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    with expected():
        fail_stale_trials(study)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if is_gone(trial.user_attrs.get(OWNER, {})):
            give_up(study, trial.number, "the process that handed it out is gone", tries=inf)
    now = study.get_trials(deepcopy=False)
    return [trial.number for trial in before if now[trial.number].state == TrialState.FAIL]
