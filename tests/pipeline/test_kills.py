"""What is killed and started again ends with the outputs of an unbroken run, each run once."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from project import Project, outputs, stored

from dagm_transfer.events.event import Evaluation
from dagm_transfer.events.log import LogFiles, read_log

KEY = "finetune-s0"
OF_RUN = (f"models/{KEY}/weights.safetensors", f"reports/runs/{KEY}.jsonl",
          f"reports/curves/{KEY}.csv")  # fmt: skip


def start(project: Project, *command: str) -> "subprocess.Popen[bytes]":
    """In a process group of its own, so that it can be killed whole."""
    return subprocess.Popen(
        command,
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def runs(project: Project) -> list[tuple[str, str]]:
    client = stored(project)
    experiment = client.get_experiment_by_name("study")
    found = client.search_runs([experiment.experiment_id])
    return sorted((run.info.run_name, run.info.status) for run in found)


@pytest.mark.parametrize("victim", ["everything", "training"])
def test_a_killed_training_goes_on_to_the_same_numbers(copied: Project, victim: str) -> None:
    expected = {path: outputs(copied)[path] for path in OF_RUN}
    (copied.root / "mlflow.db").unlink()
    process = start(copied, "dvc", "repro", "-f", "-s", "train@finetune-0")
    checkpoint = wait_for_step(copied.root, 3)
    if victim == "everything":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(["pkill", "-KILL", "-s", str(process.pid), "-f", "dagm train"], check=True)
    process.wait(timeout=60)
    assert checkpoint.exists(), "killed too late to show anything"
    said = copied.run("dvc", "repro", "-f", "-s", "train@finetune-0")
    first = next(line for line in said.splitlines() if f"{KEY} " in line)
    assert "0/6" in first, "the past is shown again from the log"
    assert {path: outputs(copied)[path] for path in OF_RUN} == expected
    assert runs(copied) == [(KEY, "FINISHED"), (KEY, "KILLED")]


def wait_for_step(root: Path, step: int) -> Path:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for log in (root / ".work" / "runs").glob("*/log.jsonl"):
            steps = [e.step for e in read_log(LogFiles.at(log)) if isinstance(e, Evaluation)]
            checkpoint = log.parent / "checkpoint.pt"
            if steps and steps[-1] >= step and checkpoint.exists():
                return checkpoint
        time.sleep(0.02)
    raise AssertionError("training never got there")
