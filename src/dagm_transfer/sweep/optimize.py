"""A sweep from its beginning to its end: storage, study, workers, trials."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from optuna import Trial
from optuna.storages import JournalStorage

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.locks import alive, owner
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.event import Recorder
from dagm_transfer.params import Params
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.sweep.messages import Equipment
from dagm_transfer.sweep.parent import Listeners, OnTrial, Tally, run_trials
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.sweep.pulse import Pulse
from dagm_transfer.sweep.storage import HEARTBEAT, open_storage
from dagm_transfer.sweep.study import IDENTITY, identity_of, open_study, settings
from dagm_transfer.sweep.takeover import OWNER, take_over
from dagm_transfer.sweep.worker import STUDY_IDENTITY, digests_now
from dagm_transfer.sweep.worker import work as train_trials
from dagm_transfer.sweep.workers import equipment, number_of

# Makes what hears of one trial; is told the id of the run that it is given.
Track = Callable[[Callable[[str], None]], Sequence[Recorder]]


def run_sweep(
    params: Params,
    name: str,
    where: str,
    *,
    work: WorkPaths,
    trials: int,
    workers: int | None,
    timeout: float | None,
    prune: bool,
    provenance: Mapping[str, str],
    tracking: Callable[[Path], Track],
    say: Callable[[str], None],
    on_trial: OnTrial,
) -> Tally:
    """Add completed trials to a study.

    Args:
        params: what is tried, and how it is trained.
        name: of the study.
        where: its storage, a database's URL or the path of a journal file.
        work: locks and caches.
        trials: to complete.
        workers: processes; None: one a GPU, or as many as fit.
        timeout: seconds after which no further trial begins.
        prune: end trials below the median; accuracy is the only objective then.
        provenance: what the logs say of where the trials come from.
        tracking: who hears of the trials besides their logs; given the lock that the sweep holds.
        say: takes one line for the person at the terminal.
        on_trial: told each trial that ended.

    Raises:
        UserError: data or trunk are missing, the storage cannot be opened, the study is another
            one, or trials fail in a row.
    """
    if not TRUNK.exists():
        raise UserError(f"{TRUNK}: not there yet; `dvc repro` makes it")
    digests = digests_now()
    count = number_of(params, workers)
    storage = open_storage(where)
    _check_logs(SweepPaths(name).logs, identity_of(storage, name))
    study = open_study(storage, name, params.sweep, {**digests, **settings(params)}, prune=prune)
    identity = study.user_attrs[IDENTITY]
    crew = equipment(params, name, identity, digests, count, work.cache, provenance)
    with alive(work.locks, "sweep") as lock, Pulse(storage) as pulse:
        looked = 0.0

        def look(held: Sequence[Trial]) -> None:
            nonlocal looked
            pulse.hold(held)
            if time.monotonic() - looked > HEARTBEAT:
                looked = time.monotonic()
                pulse.show()  # after the machine has slept, before anybody takes these for lost
                for number in take_over(study):
                    say(f"{name}-{number:04d}  was left by a process that is gone; tried again")

        track = tracking(lock)

        def claim(trial: Trial) -> None:
            # A database shows by heartbeats whether its processes live.
            told = owner(lock) if isinstance(storage, JournalStorage) else {}
            trial.set_user_attr(OWNER, told)
            pulse.add(trial)

        def recorders(trial: Trial) -> Sequence[Recorder]:
            return track(lambda run_id: trial.set_user_attr("mlflow.run_id", run_id))

        look([])
        say(f"study {name}: {len(crew)} worker{'s' * (len(crew) > 1)} on {_devices(crew)}")
        return run_trials(
            study,
            params.sweep,
            crew,
            train_trials,
            trials=trials,
            timeout=timeout,
            logs=SweepPaths(name).logs,
            listeners=Listeners(recorders, claim, on_trial, look),
        )


def _check_logs(logs: Path, identity: str | None) -> None:
    """That no logs lie there but those of the study of this identity; None: it is to be made."""
    for path in sorted(logs.glob("trial-*.jsonl")):
        with path.open("rb") as log:
            line = log.readline()
        if not line.endswith(b"\n"):
            continue  # of a process that was killed as it began
        theirs = None
        with suppress(ValueError, KeyError, TypeError):
            theirs = json.loads(line)["begin"]["tags"][STUDY_IDENTITY]
        if theirs is None or theirs != identity:
            folder = logs.parent
            raise UserError(
                f"{path}: not a log of this study; choose another --study, or move {folder} away"
            )


def _devices(crew: Sequence[Equipment]) -> str:
    return ", ".join(sorted({entry.device for entry in crew}))
