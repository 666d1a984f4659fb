"""Sweeps as a user runs them, for tests that kill and interrupt them."""

import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import optuna
import psutil
from optuna.storages import RDBStorage
from optuna.trial import TrialState
from project import Project, stored

from dagm_transfer.events.event import Evaluation
from dagm_transfer.events.log import LogFiles, read_log
from dagm_transfer.sweep.storage import open_storage

STUDY = "lines"


@dataclass(frozen=True)
class Swept:
    """A project after two sweeps into one study; a worker of the first was killed."""

    project: Project
    storage: str
    options: tuple[str, ...]

    @cached_property
    def opened(self) -> RDBStorage:
        """Opened once; who has a server's closes its connections."""
        return open_storage(self.storage)

    def study(self) -> optuna.Study:
        return optuna.load_study(study_name=STUDY, storage=self.opened)

    def completed(self) -> list[optuna.trial.FrozenTrial]:
        return self.study().get_trials(states=(TrialState.COMPLETE,))

    def points(self, state: TrialState = TrialState.COMPLETE) -> list[dict[str, object]]:
        return [trial.params for trial in self.study().get_trials(states=(state,))]

    def logs(self) -> Path:
        return self.project.root / "reports" / "sweeps" / STUDY / "logs"


def default_storage(project: Project) -> str:
    return f"sqlite:///{project.root}/.work/sweeps/{STUDY}.db"


def different(points: list[dict[str, object]]) -> bool:
    return all(point not in points[:place] for place, point in enumerate(points))


def begun(project: Project, command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command, cwd=project.root, env=project.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def workers_of(parent: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Its two workers; its third child, multiprocessing's own, ends a moment after it."""
    children = psutil.Process(parent.pid).children()
    workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    assert len(workers) == 2
    return workers


def lives(process: psutil.Process) -> bool:
    """Whether it runs still; one that nobody has asked for its end yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_evaluations(logs: Path) -> None:
    """Until two trials are under way, each evaluated once at least."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if len(under_way(logs)) == 2:
            return
        time.sleep(0.05)
    raise AssertionError("no two trials got under way")


def under_way(logs: Path) -> list[int]:
    """The iteration of the last evaluation of each trial that has one, and no end."""
    told = [read_log(LogFiles.at(path)) for path in logs.glob("*.jsonl")]
    return [
        log[-1].step for log in told
        if log and isinstance(log[-1], Evaluation) and log[-1].step > 0  # it may just have begun
    ]  # fmt: skip


def stop_under_way(logs: Path, workers: list[psutil.Process], iterations: int) -> None:
    """Stop both workers where each trial has an evaluation behind and another before it.

    One that has only its end before it would end well, whatever became of its parent.
    """
    for _ in range(100):
        wait_for_evaluations(logs)
        for worker in workers:
            worker.suspend()
        steps = under_way(logs)
        if len(steps) == 2 and max(steps) < iterations:
            return
        for worker in workers:
            worker.resume()
    raise AssertionError("no two trials could be stopped under way")


def statuses(project: Project) -> list[str]:
    """Of the runs of the study in MLflow, its parent among them."""
    client = stored(project)
    experiment = client.get_experiment_by_name(f"sweep-{STUDY}")
    return [run.info.status for run in client.search_runs([experiment.experiment_id])]
