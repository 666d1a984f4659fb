"""Sweeps as a user runs them: real workers, real storages, killed and interrupted."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import optuna
import psutil
import pytest
from browser import dom_of, needed
from optuna.trial import TrialState
from project import Project, edit, stored
from servers import free_port, postgres, postgres_programs, served

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.event import Begin, End, Evaluation
from dagm_transfer.events.log import LogFiles, read_log
from dagm_transfer.params import load
from dagm_transfer.sweep.objective import Objective, Setup, digests_now
from dagm_transfer.sweep.storage import open_storage

STUDY, TRIALS = "lines", 5
STORAGES = ["sqlite", "postgresql"]


@dataclass(frozen=True)
class Swept:
    """A project after two sweeps into one study; a worker of the first was killed."""

    project: Project
    storage: str
    options: tuple[str, ...]

    def study(self) -> optuna.Study:
        return optuna.load_study(study_name=STUDY, storage=open_storage(self.storage))

    def completed(self) -> list[optuna.trial.FrozenTrial]:
        return self.study().get_trials(states=(TrialState.COMPLETE,))

    def points(self, state: TrialState = TrialState.COMPLETE) -> list[dict[str, object]]:
        return [trial.params for trial in self.study().get_trials(states=(state,))]

    def logs(self) -> Path:
        return self.project.root / "reports" / "sweeps" / STUDY / "logs"


@pytest.fixture(scope="module", params=STORAGES)
def swept(
    request: pytest.FixtureRequest, finished: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Swept]:
    folder = tmp_path_factory.mktemp(request.param)
    project = finished.copy(folder / "checkout")
    if request.param == "sqlite":
        yield swept_twice(Swept(project, default_storage(project), ()))
    elif postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed")
    else:
        with postgres(folder / "postgres") as url:
            yield swept_twice(Swept(project, url, ("--storage", url)))


def default_storage(project: Project) -> str:
    return f"sqlite:///{project.root}/.work/sweeps/{STUDY}.db"


def different(points: list[dict[str, object]]) -> bool:
    return all(point not in points[:place] for place, point in enumerate(points))


def swept_twice(swept: Swept) -> Swept:
    command = ["dagm", "sweep", "run", "--study", STUDY, *swept.options]
    asked = [*command, "--trials", str(TRIALS), "--workers", "2"]
    process = begun(swept.project, asked)
    kill_a_worker_in_the_middle(process, swept.logs())
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    swept.project.run(*command, "--trials", "2", "--workers", "1")
    return swept


def begun(project: Project, command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command, cwd=project.root, env=project.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def kill_a_worker_in_the_middle(process: "subprocess.Popen[str]", logs: Path) -> None:
    wait_for_evaluations(logs)
    workers_of(process)[0].kill()


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
        told = [read_log(LogFiles.at(path)) for path in logs.glob("*.jsonl")]
        under_way = [
            log for log in told
            if any(isinstance(event, Evaluation) for event in log) and not isinstance(log[-1], End)
        ]  # fmt: skip
        if len(under_way) == 2:
            return
        time.sleep(0.05)
    raise AssertionError("no two trials got under way")


def test_no_trial_is_lost_and_none_is_double(swept: Swept) -> None:
    done, lost = swept.points(), swept.points(TrialState.FAIL)
    assert len(done) == TRIALS + 2
    assert different(done)
    assert len(lost) == 1
    assert lost[0] in done
    assert len(swept.study().trials) == TRIALS + 3


def test_the_published_points_were_tried_first(swept: Swept) -> None:
    first = load(swept.project.root / "params.yaml").sweep.first
    assert [trial.params for trial in swept.study().trials[: len(first)]] == first


def test_every_trial_is_a_run_under_one_parent_linked_both_ways(swept: Swept) -> None:
    client = stored(swept.project)
    experiment = client.get_experiment_by_name(f"sweep-{STUDY}")
    runs = client.search_runs([experiment.experiment_id])
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert [run.info.run_name for run in parents] == [STUDY]
    children = {run.info.run_id: run for run in runs if run not in parents}
    assert {run.data.tags["mlflow.parentRunId"] for run in children.values()} == {
        parents[0].info.run_id
    }
    finished = [run for run in children.values() if run.info.status == "FINISHED"]
    assert len(finished) == TRIALS + 2
    assert [r.info.status for r in children.values() if r not in finished] == ["KILLED"]
    for trial in swept.completed():
        run = children[trial.user_attrs["mlflow.run_id"]]
        assert run.data.tags["optuna.trial"] == str(trial.number)
        assert run.data.metrics["sweep/accuracy"] == trial.values[0]
        assert run.data.metrics["sweep/to_target"] == trial.values[1]
        curve = client.get_metric_history(run.info.run_id, "val/accuracy")
        assert [m.step for m in sorted(curve, key=lambda m: m.step)] == list(range(7))
        assert not [name for name in run.data.metrics if name.startswith(("test/", "image/"))]


def test_every_trial_left_its_log(swept: Swept) -> None:
    for trial in swept.study().trials:
        log = read_log(LogFiles.at(swept.logs() / f"trial-{trial.number:04d}.jsonl"))
        assert isinstance(log[0], Begin)
        assert log[0].tags["optuna.trial"] == str(trial.number)
        if trial.state == TrialState.FAIL:
            assert not isinstance(log[-1], End), "its process was killed"
        else:
            assert isinstance(log[-1], End)
            assert log[-1].tags["optuna.state"] == trial.state.name


def test_optunas_own_commands_read_the_study(swept: Swept) -> None:
    asked = ("--storage", swept.storage, "--study-name", STUDY, "-f", "json")
    trials = json.loads(swept.project.run("optuna", "trials", *asked).partition("\n")[0])
    assert len(trials) == TRIALS + 3
    best = json.loads(swept.project.run("optuna", "best-trials", *asked).partition("\n")[0])
    assert {trial["number"] for trial in best} == {t.number for t in swept.study().best_trials}


@needed
def test_the_dashboard_shows_the_study(swept: Swept, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = ["optuna-dashboard", swept.storage, "--port", str(port), "--host", "127.0.0.1"]
    where = {"cwd": swept.project.root, "env": swept.project.environment()}
    with served(command, f"{address}/dashboard", **where):
        assert STUDY in dom_of(f"{address}/dashboard", tmp_path / "profile", 15000)
        with urllib.request.urlopen(f"{address}/api/studies", timeout=10) as answer:  # noqa: S310
            (study,) = json.load(answer)["study_summaries"]
        page = f"{address}/dashboard/studies/{study['study_id']}/trials"
        trials = dom_of(page, tmp_path / "profile", 15000)
        assert "Trial 0" in trials


def test_the_best_trial_becomes_a_variant_that_the_pipeline_trains(swept: Swept) -> None:
    said = swept.project.run("dagm", "sweep", "best", "--study", STUDY, "--write", *swept.options)
    best = max(swept.completed(), key=lambda t: (t.values[0], -t.values[1], -t.number))
    assert f"trial {best.number} is the variant tuned" in said
    params = load(swept.project.root / "params.yaml")
    assert ("tuned", 0) in params.run_keys()
    tuned = params.variants["tuned"]
    for name, value in best.params.items():
        assert getattr(tuned if hasattr(tuned, name) else tuned.phases[0], name) == value
    assert "train@tuned-0" in swept.project.run("dvc", "stage", "list")


def test_the_report_shows_what_was_found(swept: Swept) -> None:
    swept.project.run("dagm", "sweep", "report", "--study", STUDY, *swept.options)
    folder = swept.logs().parent
    page = (folder / "index.html").read_text()
    figures = {path.stem for path in (folder / "figures").glob("*.png")}
    assert {"front", "learning_rate", "history"} <= figures
    assert page.count("data:image/png;base64,") == len(figures)
    for trial in swept.completed():
        assert f'href="logs/trial-{trial.number:04d}.jsonl"' in page
    assert "its process died" in page
    table = (folder / "trials.csv").read_text().splitlines()
    assert len(table) == 1 + len(swept.study().trials)


def test_a_lost_store_comes_back_from_the_logs(swept: Swept) -> None:
    for path in swept.project.root.glob("mlflow.db*"):
        path.unlink()
    shutil.rmtree(swept.project.root / "mlartifacts")
    for _ in range(2):
        swept.project.run("dagm", "track")
        client = stored(swept.project)
        experiment = client.get_experiment_by_name(f"sweep-{STUDY}")
        runs = client.search_runs([experiment.experiment_id])
        assert len(runs) == 1 + TRIALS + 2


def test_other_data_while_a_sweep_runs_end_it(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished.root)
    setup = Setup(
        study=STUDY, url="", call="", params=load(Path("params.yaml")), prune=False,
        digests={**digests_now(), "data": "others"}, work=WorkPaths(tmp_path), provenance={},
        tracking=lambda _lock: lambda _on_run: (),
    )  # fmt: skip
    objective = Objective(setup, "cpu", tmp_path / "lock", lambda: None)
    study = optuna.create_study(directions=["maximize", "minimize"])
    with pytest.raises(UserError, match="other data or another trunk than the study's"):
        study.optimize(objective, n_trials=1)
    assert objective.fatal == study.trials[0].user_attrs["error"]


def test_a_target_that_the_trivial_answer_reaches_is_reached_by_no_trial(copied: Project) -> None:
    params = copied.root / "params.yaml"
    edit(copied, params, "target: 0.55", "target: 0.5")
    said = copied.run("dagm", "sweep", "run", "--study", STUDY, "--trials", "1", "--workers", "1")
    assert '"never defective" is right for' in said
    assert "the target never reached" in said
    (trial,) = Swept(copied, default_storage(copied), ()).completed()
    assert trial.user_attrs["reached"] is False
    assert trial.values[1] == load(params).sweep.iterations


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
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "of 50 trials completed; `--trials " in said
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
    wait_for_evaluations(copied.root / "reports" / "sweeps" / STUDY / "logs")
    workers = workers_of(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    swept = Swept(copied, default_storage(copied), ())
    psutil.wait_procs(workers, timeout=60)
    assert not [worker for worker in workers if lives(worker)], "workers outlive their parent"
    left, before = swept.points(TrialState.RUNNING), len(swept.completed())
    assert len(left) == 2
    copied.run(*command, "3")
    done = swept.points()
    assert len(done) == before + 3
    assert different(done)
    assert all(point in done for point in left)
    assert sorted(statuses(copied)) == ["FINISHED"] * (1 + len(done)) + ["KILLED"] * 2


def statuses(project: Project) -> list[str]:
    """Of the runs of the study in MLflow, its parent among them."""
    client = stored(project)
    experiment = client.get_experiment_by_name(f"sweep-{STUDY}")
    return [run.info.status for run in client.search_runs([experiment.experiment_id])]


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
    finished: Project, options: tuple[str, ...], said: str
) -> None:
    (line,) = finished.run("dagm", "sweep", "run", *options, ok=False).strip().splitlines()
    assert line.startswith("error: ")
    assert said in line


def test_a_study_that_is_not_there_is_one_line(finished: Project) -> None:
    for command in ("best", "report"):
        said = finished.run("dagm", "sweep", command, "--study", "none", ok=False)
        assert said.strip() == (
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
    assert "2 trials completed" in said, "two were done"
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
    assert "4 trials completed" in said
    assert len(list(folder.glob("logs/*.jsonl"))) == 4
