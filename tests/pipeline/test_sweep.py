"""Sweeps as a user runs them: real workers, real storages, killed and interrupted."""

import json
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import optuna
import psutil
import pytest
from browser import dom_of, needed
from optuna.trial import TrialState
from project import Project, stored
from servers import free_port, postgres, postgres_programs, served

from dagm_transfer.core.errors import UserError
from dagm_transfer.events.event import Begin, End, Evaluation
from dagm_transfer.events.log import LogFiles, read_log
from dagm_transfer.params import load
from dagm_transfer.sweep.messages import Stop, Task
from dagm_transfer.sweep.space import canonical
from dagm_transfer.sweep.storage import open_storage
from dagm_transfer.sweep.worker import Worker, digests_now
from dagm_transfer.sweep.workers import equipment

STUDY, TRIALS = "lines", 5
STORAGES = ["journal", "sqlite", "postgresql"]


@dataclass(frozen=True)
class Swept:
    """A project after two sweeps into one study; a worker of the first was killed."""

    project: Project
    storage: str
    options: tuple[str, ...]

    def study(self) -> optuna.Study:
        where = self.storage if "://" in self.storage else str(self.project.root / self.storage)
        return optuna.load_study(study_name=STUDY, storage=open_storage(where))

    def completed(self) -> list[optuna.trial.FrozenTrial]:
        return self.study().get_trials(states=(TrialState.COMPLETE,))

    def logs(self) -> Path:
        return self.project.root / "reports" / "sweeps" / STUDY / "logs"


@pytest.fixture(scope="module", params=STORAGES)
def swept(
    request: pytest.FixtureRequest, finished: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Swept]:
    folder = tmp_path_factory.mktemp(request.param)
    project = finished.copy(folder / "checkout")
    journal = f"reports/sweeps/{STUDY}/journal.log"
    if request.param == "journal":
        yield swept_twice(Swept(project, journal, ()))
    elif request.param == "sqlite":
        url = f"sqlite:///{folder / 'study.db'}"
        yield swept_twice(Swept(project, url, ("--storage", url)))
    elif postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed")
    else:
        with postgres(folder / "postgres") as url:
            yield swept_twice(Swept(project, url, ("--storage", url)))


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
    trials = swept.study().trials
    done = [canonical(trial.params) for trial in swept.completed()]
    lost = [canonical(t.params) for t in trials if t.state == TrialState.FAIL]
    assert len(done) == len(set(done)) == TRIALS + 2
    assert len(lost) == 1
    assert set(lost) <= set(done)
    assert len(trials) == TRIALS + 3
    assert "ended with -9" in next(t.user_attrs["error"] for t in trials if t.state.name == "FAIL")


def test_the_published_points_were_tried_first(swept: Swept) -> None:
    first = load(swept.project.root / "params.yaml").sweep.first
    tried = [canonical(trial.params) for trial in swept.study().trials[: len(first)]]
    assert tried == [canonical(point) for point in first]


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
    assert [r.info.status for r in children.values() if r not in finished] == ["FAILED"]
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
        assert isinstance(log[-1], End)
        assert log[0].tags["optuna.trial"] == str(trial.number)
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
    assert "ended with -9" in page


def test_a_lost_store_comes_back_from_the_logs(swept: Swept) -> None:
    for path in swept.project.root.glob("mlflow.db*"):
        path.unlink()
    shutil.rmtree(swept.project.root / "mlartifacts")
    for _ in range(2):
        swept.project.run("dagm", "track")
        client = stored(swept.project)
        experiment = client.get_experiment_by_name(f"sweep-{STUDY}")
        runs = client.search_runs([experiment.experiment_id])
        assert len(runs) == 1 + TRIALS + 3


def test_a_trial_that_is_stopped_ends_as_it_stands(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopper:
        """Says at the second evaluation that there need be no third."""

        def __init__(self) -> None:
            self.heard: list[object] = []

        def send(self, message: object) -> None:
            self.heard.append(message)

        def poll(self) -> bool:
            return sum(isinstance(event, Evaluation) for event in self.heard) == 2

        def recv(self) -> object:
            return Stop()

    monkeypatch.chdir(finished.root)
    parent = Stopper()
    params = load(Path("params.yaml"))
    crew = equipment(params, STUDY, "identity", digests_now(), 1, tmp_path, {})
    result = Worker(crew[0], parent).train(Task(0, dict(params.sweep.first[0])))
    evaluations = [event for event in parent.heard if isinstance(event, Evaluation)]
    assert len(evaluations) == 2
    assert result.accuracy == evaluations[-1].metrics["val/accuracy"]
    monkeypatch.setattr("dagm_transfer.sweep.worker.digests_now", lambda: {"data": "others"})
    with pytest.raises(UserError, match="another data than the study's"):
        Worker(crew[0], parent).train(Task(1, dict(params.sweep.first[0])))


def test_the_logs_of_another_study_are_left_alone(copied: Project) -> None:
    logs = copied.root / "reports" / "sweeps" / "taken" / "logs"
    log = copied.root / "reports" / "runs" / "finetune-s0.jsonl"
    logs.mkdir(parents=True)
    shutil.copy(log, logs / "trial-0000.jsonl")
    command = ("dagm", "sweep", "run", "--study", "taken", "--trials", "1")
    (line,) = copied.run(*command, ok=False).strip().splitlines()
    assert line.startswith("error: reports/sweeps/taken/logs/trial-0000.jsonl: not a log of this")
    assert not (logs.parent / "journal.log").read_text(), "nothing was begun"
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
    swept = Swept(copied, f"reports/sweeps/{STUDY}/journal.log", ())
    interrupted = {canonical(t.params) for t in swept.study().get_trials(states=(TrialState.FAIL,))}
    before = len(swept.completed())
    copied.run(*command, "3")
    done = [canonical(trial.params) for trial in swept.completed()]
    assert len(done) == len(set(done)) == before + 3
    assert interrupted <= set(done)


def test_what_a_killed_parent_left_is_taken_over(copied: Project) -> None:
    command = ["dagm", "sweep", "run", "--study", STUDY, "--workers", "2", "--trials"]
    process = begun(copied, [*command, "50"])
    wait_for_evaluations(copied.root / "reports" / "sweeps" / STUDY / "logs")
    workers = workers_of(process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    swept = Swept(copied, f"reports/sweeps/{STUDY}/journal.log", ())
    left = [canonical(t.params) for t in swept.study().get_trials(states=(TrialState.RUNNING,))]
    assert len(left) == 2
    before = len(swept.completed())
    said = copied.run(*command, "3")
    assert said.count("was left by a process that is gone") == 2
    done = [canonical(trial.params) for trial in swept.completed()]
    assert len(done) == len(set(done)) == before + 3
    assert set(left) <= set(done)
    assert not [worker for worker in workers if lives(worker)], "workers outlive their parent"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--trials", "0"), "error: --trials: 0 is too few"),
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
            "error: reports/sweeps/none/journal.log: no study there yet; "
            "`dagm sweep run --study none` begins one"
        )


def test_a_sweep_is_a_pipeline_of_its_own(copied: Project) -> None:
    pipeline = copied.root / "sweeps" / "dvc.yaml"
    pipeline.write_text(pipeline.read_text().replace("--trials 20", "--trials 4"))
    copied.run("dvc", "repro", "sweeps/dvc.yaml")
    folder = copied.root / "reports" / "sweeps" / "pipeline"
    assert json.loads((folder / "best.json").read_text())["trials"] == 4
    assert len(list((folder / "logs").glob("*.jsonl"))) == 4
    assert "Running stage" not in copied.run("dvc", "repro", "sweeps/dvc.yaml")
    tracked = copied.run("git", "ls-files", "--others", "--exclude-standard", "reports/sweeps")
    for name in ("index.html", "journal.log", "best.json", "logs/trial-0000.jsonl"):
        assert f"reports/sweeps/pipeline/{name}" in tracked.splitlines()
