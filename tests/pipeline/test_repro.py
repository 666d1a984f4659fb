"""The chain as a user runs it: `dvc repro`, experiments, clones, kills."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from filelock import FileLock
from project import Project

from dagm_transfer.places import WorkPlaces
from dagm_transfer.training.recorder import Begin, End, Evaluation, read_log

KEYS = ("scratch-s0", "finetune-s0")
TIMINGS = ("seconds", "train/images_per_second")


def final_metrics(project: Project, key: str) -> dict[str, float]:
    metrics = json.loads((project.root / f"reports/runs/{key}.json").read_text())
    return {name: value for name, value in metrics.items() if name not in TIMINGS}


def curve(project: Project, key: str) -> list[tuple[int, dict[str, float]]]:
    events = read_log(project.root / f"reports/runs/{key}.jsonl")
    return [
        (e.step, {k: v for k, v in e.metrics.items() if k not in TIMINGS})
        for e in events
        if isinstance(e, Evaluation)
    ]


def test_a_second_repro_runs_nothing(finished: Project) -> None:
    assert "Running stage" not in finished.run("dvc", "repro")


def test_every_run_leaves_its_files(finished: Project) -> None:
    for key in KEYS:
        metrics = final_metrics(finished, key)
        wanted = {"test/accuracy", "test/dagm_cost", "image/defect_ap", "iterations"}
        assert wanted <= metrics.keys()
        events = read_log(finished.root / f"reports/runs/{key}.jsonl")
        assert isinstance(events[0], Begin)
        assert isinstance(events[-1], End)
        assert [step for step, _ in curve(finished, key)] == list(range(7))
        header, *rows = (finished.root / f"reports/layers/{key}.csv").read_text().splitlines()
        assert header.startswith("depth,name,weight_change,weight_angle,sparsity")
        assert len(rows) == 13
        rows = (finished.root / f"reports/curves/{key}.csv").read_text().splitlines()
        assert len(rows) == 1 + 7
    assert not list((finished.root / ".work" / "runs").glob("*")), "work is left behind"


def test_git_tracks_metrics_and_dvc_the_rest(finished: Project) -> None:
    tracked = finished.run("git", "ls-files").splitlines()
    assert "dvc.lock" in tracked
    assert "reports/runs/finetune-s0.json" in tracked
    assert not [name for name in tracked if name.endswith((".jsonl", ".safetensors", ".PNG"))]
    assert finished.run("git", "status", "--porcelain") == ""


def test_report_is_self_contained(finished: Project) -> None:
    page = (finished.root / "reports" / "index.html").read_text()
    assert page.count("data:image/png;base64,") == 6
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "DAGM-style synthetic images" in page


def test_only_the_changed_variant_is_trained_again(copied: Project) -> None:
    said = copied.run(
        "dvc", "exp", "run", "-n", "faster", "-S", "variants.finetune.learning_rate=0.002"
    )
    assert "Running stage 'train@finetune-0'" in said
    assert "Running stage 'train@scratch-0'" not in said
    difference = json.loads(copied.run("dvc", "metrics", "diff", "--json"))
    assert "reports/runs/finetune-s0.json" in json.dumps(difference)
    assert "faster" in copied.run("dvc", "exp", "show", "--csv")
    plots = copied.run("dvc", "plots", "diff", "--json", "--split", "HEAD")
    assert "finetune-s0.csv" in plots
    names = copied.run("dagm", "track")
    assert names.count("finetune-s0  training") == 2, "two learning rates are two runs"


def test_a_second_clone_pulls_and_runs_nothing(copied: Project, tmp_path: Path) -> None:
    copied.run("dvc", "remote", "add", "-d", "store", str(tmp_path / "remote"))
    copied.commit("remote")
    copied.run("dvc", "push")
    copied.run("git", "clone", "-q", str(copied.root), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    clone.run("dvc", "pull")
    assert "Running stage" not in clone.run("dvc", "repro")
    assert "4 logs in the store" in clone.run("dagm", "track")


def test_the_same_seed_gives_the_same_numbers(copied: Project) -> None:
    before = {key: (final_metrics(copied, key), curve(copied, key)) for key in KEYS}
    copied.run("dvc", "repro", "-f", "-s", "train@finetune-0")
    after = final_metrics(copied, "finetune-s0"), curve(copied, "finetune-s0")
    assert after == before["finetune-s0"]
    assert before["finetune-s0"] != before["scratch-s0"]


@pytest.mark.parametrize("victim", ["everything", "training"])
def test_a_killed_training_goes_on_to_the_same_numbers(copied: Project, victim: str) -> None:
    expected = final_metrics(copied, "finetune-s0"), curve(copied, "finetune-s0")
    (copied.root / "mlflow.db").unlink()
    process = subprocess.Popen(
        ["dvc", "repro", "-f", "-s", "train@finetune-0"],
        cwd=copied.root,
        env=copied.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    checkpoint = wait_for_step(copied.root, 3)
    if victim == "everything":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(["pkill", "-KILL", "-s", str(process.pid), "-f", "dagm train"], check=True)
    process.wait(timeout=60)
    assert checkpoint.exists(), "killed too late to show anything"
    said = copied.run("dvc", "repro", "-f", "-s", "train@finetune-0")
    first = next(line for line in said.splitlines() if "finetune-s0 " in line)
    assert "0/6" in first, "the past is shown again from the log"
    assert (final_metrics(copied, "finetune-s0"), curve(copied, "finetune-s0")) == expected
    statuses = run_statuses(copied)
    assert sorted(statuses) == ["FINISHED", "KILLED"]


def wait_for_step(root: Path, step: int) -> Path:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for log in (root / ".work" / "runs").glob("*/log.jsonl"):
            steps = [e.step for e in read_log(log) if isinstance(e, Evaluation)]
            checkpoint = log.parent / "checkpoint.pt"
            if steps and steps[-1] >= step and checkpoint.exists():
                return checkpoint
        time.sleep(0.02)
    raise AssertionError("training never got there")


def run_statuses(project: Project) -> list[str]:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project.root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("study")
    return [run.info.status for run in client.search_runs([experiment.experiment_id])]


def test_two_processes_do_not_train_the_same_run(copied: Project) -> None:
    begin = read_log(copied.root / "reports/runs/finetune-s0.jsonl")[0]
    assert isinstance(begin, Begin)
    with FileLock(WorkPlaces(copied.root).lock(begin.identity)):
        said = copied.run("dagm", "train", "finetune", ok=False)
    assert "another process is training this run" in said
    assert said.count("\n") == 1


def test_a_store_that_is_down_stops_no_training(copied: Project) -> None:
    environment = {**copied.environment(), "MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}
    before = final_metrics(copied, "scratch-s0")
    shutil.rmtree(copied.root / ".work")
    done = subprocess.run(
        ["dagm", "train", "scratch"],
        cwd=copied.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "tracking stopped" in done.stderr
    assert final_metrics(copied, "scratch-s0") == before
