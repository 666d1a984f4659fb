"""How sweeps end: interrupted, killed, refused; and a sweep as a pipeline of its own."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import optuna
import psutil
import pytest
from optuna.trial import TrialState
from project import Project, edit
from sweeps import (
    STUDY,
    Swept,
    begun,
    default_storage,
    different,
    lives,
    statuses,
    stop_under_way,
    wait_for_evaluations,
    workers_of,
)

from dagm_transfer.cli.sweep import say_if_trivial
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import End
from dagm_transfer.events.log import LogFiles, read_log
from dagm_transfer.params import load
from dagm_transfer.sweep.objective import Objective, Setup, digests_now


@pytest.fixture
def setup(copied: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """Of a sweep in this process, in a finished project; nothing of it is tracked."""
    monkeypatch.chdir(copied.root)
    params = load(Path("params.yaml"))
    return Setup(
        study=STUDY, url="", call="", params=params, prune=False,
        digests=digests_now(params.sweep), work=WorkPaths(tmp_path), provenance={},
        tracking=lambda _lock: lambda _on_run: (),
    )  # fmt: skip


def one_trial(setup: Setup) -> tuple[Objective, optuna.Study]:
    objective = Objective(setup, "cpu", setup.work.root / "lock", lambda: None)
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.optimize(objective, n_trials=1, catch=(UserError,), callbacks=[objective.end])
    return objective, study


def test_other_data_while_a_sweep_runs_end_it(setup: Setup) -> None:
    objective, study = one_trial(replace(setup, digests={**setup.digests, "data": "others"}))
    assert objective.fatal == study.trials[0].user_attrs["error"]
    assert "other data or another trunk than the study's" in objective.fatal


def test_a_target_that_the_trivial_answer_reaches_is_reached_by_no_trial(
    setup: Setup, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = setup.params.sweep.model_copy(update={"target": 0.2})
    _, study = one_trial(replace(setup, params=setup.params.model_copy(update={"sweep": sweep})))
    (trial,) = study.trials
    assert trial.values[0] >= 0.2, "or the test shows nothing"
    assert trial.user_attrs["reached"] is False
    assert trial.values[1] == sweep.iterations
    say_if_trivial(Prepared(PREPARED).facts, 0.5)
    assert '"never defective" is right for 50.0%' in capsys.readouterr().err


def test_the_logs_of_another_study_are_left_alone(copied: Project) -> None:
    logs = copied.root / "reports" / "sweeps" / "taken" / "logs"
    log = copied.root / "reports" / "runs" / "finetune-s0.jsonl"
    logs.mkdir(parents=True)
    shutil.copy(log, logs / "trial-0000.jsonl")
    command = ("dagm", "sweep", "run", "--study", "taken", "--trials", "1")
    (line,) = copied.run(*command, ok=False).strip().splitlines()
    assert line.startswith("error: reports/sweeps/taken/logs/trial-0000.jsonl: not a log of this")
    assert not (logs.parent / "trials.csv").exists()
    assert (logs / "trial-0000.jsonl").read_bytes() == log.read_bytes()


def test_ctrl_c_ends_cleanly_and_the_study_goes_on(copied: Project) -> None:
    command = ["dagm", "sweep", "run", "--study", STUDY, "--workers", "2", "--trials"]
    logs = copied.root / "reports" / "sweeps" / STUDY / "logs"
    process = begun(copied, [*command, "50"])
    wait_for_evaluations(logs)
    workers = workers_of(process)
    subprocess.run(["pkill", "-INT", "-s", str(process.pid)], check=True)
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 130, said
    assert " of 50; `--trials " in said
    assert "goes on where it stood" in said
    assert not [worker for worker in workers if lives(worker)]
    swept = Swept(copied, default_storage(copied), ())
    interrupted, before = swept.points(TrialState.FAIL), len(swept.completed())
    assert "RUNNING" not in statuses(copied)
    copied.run(*command, "3")
    done = swept.points()
    assert len(done) == before + 3
    assert different(done)
    assert all(point in done for point in interrupted)


def test_what_a_killed_parent_left_is_taken_over(copied: Project) -> None:
    command = ["dagm", "sweep", "run", "--study", STUDY, "--workers", "2", "--trials"]
    process = begun(copied, [*command, "50"])
    logs = copied.root / "reports" / "sweeps" / STUDY / "logs"
    wait_for_evaluations(logs)
    workers = workers_of(process)
    stop_under_way(logs, workers, load(copied.root / "params.yaml").sweep.iterations)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for worker in workers:
        worker.resume()
    swept = Swept(copied, default_storage(copied), ())
    psutil.wait_procs(workers, timeout=180)
    assert not [worker for worker in workers if lives(worker)], "workers outlive their parent"
    left, before = swept.points(TrialState.RUNNING), len(swept.completed())
    assert len(left) == 2
    copied.run(*command, "3")
    done = swept.points()
    assert len(done) == before + 3
    assert different(done)
    assert all(point in done for point in left)
    assert sorted(statuses(copied)) == ["FINISHED"] * (1 + len(done)) + ["KILLED"] * 2


@pytest.fixture
def refused(
    finished: Project, monkeypatch: pytest.MonkeyPatch, typed: Callable[..., tuple[int, str, str]]
) -> Callable[..., str]:
    """Runs a command in the finished project; what it says as it fails."""

    def run(*command: str) -> str:
        monkeypatch.chdir(finished.root)
        code, _, said = typed(*command)
        assert code == 1
        return said.strip()

    return run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--trials", "0"), "error: --trials or --total: give one of the two"),
        ((), "error: --trials or --total: give one of the two"),
        (("--trials", "1", "--total", "1"), "error: --trials or --total: give one of the two"),
        (("--trials", "1", "--workers", "0"), "error: --workers: 0 is too few"),
        (("--trials", "1", "--timeout", "nan"), "error: --timeout: nan is too little"),
        (("--trials", "1", "--study", "../up"), "error: --study: '../up' is no name"),
        (("--trials", "1", "--storage", "postgresql://127.0.0.1:9/x"), "cannot be opened"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    refused: Callable[..., str], options: tuple[str, ...], said: str
) -> None:
    (line,) = refused("sweep", "run", *options).splitlines()
    assert line.startswith("error: ")
    assert said in line


@pytest.mark.parametrize("command", ["best", "report"])
def test_a_study_that_is_not_there_is_one_line(
    refused: Callable[..., str], finished: Project, command: str
) -> None:
    assert refused("sweep", command, "--study", "none") == (
        f"error: {finished.root}/.work/sweeps/none.db: no study there yet; "
        "`dagm sweep run --study none` begins one"
    )


def test_one_database_for_study_and_tracking_is_refused_before_any_trial(copied: Project) -> None:
    for uri, storage in (
        ("sqlite:///one.db", "sqlite:///one.db"),
        ("", f"sqlite:///{copied.root}/mlflow.db"),
    ):
        command = ("dagm", "sweep", "run", "--trials", "1", "--storage", storage)
        said = copied.run("env", f"MLFLOW_TRACKING_URI={uri}", *command, ok=False)
        assert said.strip() == f"error: {storage}: is MLflow's database; name another for the study"
    assert not (copied.root / "one.db").exists()
    url = f"sqlite:///{copied.root}/study.db"
    optuna.create_study(storage=url, study_name="theirs")
    said = copied.run("env", f"MLFLOW_TRACKING_URI={url}", "dagm", "track", ok=False)
    assert "holds the tables of another program" in said
    with closing(sqlite3.connect(copied.root / "study.db")) as database:
        tables = database.execute("SELECT name FROM sqlite_master").fetchall()
    assert ("experiments",) not in tables


def test_a_sweep_is_a_pipeline_of_its_own_and_goes_on_where_it_was_killed(copied: Project) -> None:
    edit(copied, "sweeps/dvc.yaml", "--total 20", "--total 4 --workers 1")
    folder = copied.root / "reports" / "sweeps" / "pipeline"
    process = begun(copied, ["dvc", "repro", "sweeps/dvc.yaml"])
    deadline = time.monotonic() + 300
    while not (folder / "logs" / "trial-0002.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    said = copied.run("dvc", "repro", "sweeps/dvc.yaml")
    assert "trials completed: 2" in said, "two were done"
    assert json.loads((folder / "best.json").read_text())["trials"] == 4
    finished = [log for log in folder.glob("logs/*.jsonl") if read_log(LogFiles.at(log))[-1:]
                and isinstance(read_log(LogFiles.at(log))[-1], End)]  # fmt: skip
    assert len(finished) == 4
    assert "Running stage" not in copied.run("dvc", "repro", "sweeps/dvc.yaml")
    tracked = copied.run("git", "ls-files", "--others", "--exclude-standard", "reports/sweeps")
    for name in ("index.html", "trials.csv", "best.json", "logs/trial-0000.jsonl"):
        assert f"reports/sweeps/pipeline/{name}" in tracked.splitlines()
    edit(copied, "params.yaml", "target: 0.55", "target: 0.6")
    said = copied.run("dvc", "repro", "sweeps/dvc.yaml")
    assert "study pipeline: was begun with another target, and begins anew" in said
    assert "trials completed: 4" in said
    assert len(list(folder.glob("logs/*.jsonl"))) == 4
