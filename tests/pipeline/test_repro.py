"""The chain as a user runs it: `dvc repro`, experiments, clones, changes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from project import Project, edit, outputs, stages_run

from dagm_transfer.core.files import digest_of_file
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.event import Evaluation
from dagm_transfer.events.identity import run_name
from dagm_transfer.events.log import begin_of, finished_log
from dagm_transfer.training.checkpoint import Checkpoint, write_checkpoint
from dagm_transfer.training.paths import TrainingPaths

KEYS = ("scratch-s0", "finetune-s0")
CODE = Path("src/dagm_transfer")


def final_metrics(project: Project, key: str) -> dict[str, float]:
    metrics: dict[str, float] = json.loads((project.root / f"reports/runs/{key}.json").read_text())
    return metrics


def log_of(project: Project, key: str):
    return finished_log(TrainingPaths(key).log.below(project.root))


def test_a_second_repro_runs_nothing(finished: Project) -> None:
    assert not stages_run(finished.run("dvc", "repro"))


def test_every_run_leaves_its_files(finished: Project) -> None:
    for key in KEYS:
        metrics = final_metrics(finished, key)
        wanted = {"test/accuracy", "test/dagm_cost", "image/defect_ap", "val/dagm_cost"}
        assert wanted | {"iterations"} <= metrics.keys()
        evaluations = [e for e in log_of(finished, key) if isinstance(e, Evaluation)]
        assert [e.step for e in evaluations] == list(range(7))
        header, *rows = (finished.root / f"reports/layers/{key}.csv").read_text().splitlines()
        assert header == "depth,name,metric,value"
        names = [row.split(",")[2] for row in rows]
        assert {names.count(name) for name in names} == {13}
        assert {"weight_change", "sparsity", "sparsity_initial"} <= set(names)
        rows = (finished.root / f"reports/curves/{key}.csv").read_text().splitlines()
        assert len(rows) == 1 + 7
        assert json.loads((finished.root / f"models/{key}/card.json").read_text())["key"] == key
    assert not list((finished.root / ".work" / "runs").glob("*")), "work is left behind"


def test_git_tracks_metrics_and_dvc_the_rest(finished: Project) -> None:
    tracked = finished.run("git", "ls-files").splitlines()
    assert "dvc.lock" in tracked
    assert "reports/runs/finetune-s0.json" in tracked
    assert not [name for name in tracked if name.endswith((".jsonl", ".safetensors", ".PNG"))]
    assert finished.run("git", "status", "--porcelain") == ""


def test_report_is_self_contained(finished: Project) -> None:
    page = (finished.root / "reports" / "index.html").read_text()
    figures = list((finished.root / "reports" / "figures").glob("*.png"))
    assert page.count("data:image/png;base64,") == len(figures) > 15
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "DAGM-style synthetic images" in page


def test_nothing_of_the_clock_or_the_machine_is_in_an_output(finished: Project) -> None:
    for path in [*finished.root.glob("reports/**/*.jsonl"), *finished.root.glob("models/*/*.json")]:
        text = path.read_text()
        assert '"time"' not in text, path
        assert str(finished.root) not in text, path


AGAIN = """
import sys
from pathlib import Path
from project import Project
project = Project(Path.cwd())
for stage in ("acquire", "prepare", "source"):
    project.call(stage)
for variant in ("scratch", "finetune"):
    for stage in ("train", "judge", "features", "layers"):
        project.call(stage, variant, "--seed", "0")
for stage in ("embed", "responses", "interpolate", "compare", "report"):
    project.call(stage)
"""


def test_every_stage_makes_the_same_bytes_in_another_process(copied: Project) -> None:
    before = digests(copied)
    for path in before:
        (copied.root / path).unlink()
    shutil.rmtree(copied.root / ".work")
    support = str(Path(__file__).parents[1] / "support")
    environment = copied.environment()
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], support])
    subprocess.run(
        [sys.executable, "-c", AGAIN],
        cwd=copied.root,
        env={**environment, "PYTHONHASHSEED": "4711"},
        check=True,
        capture_output=True,
    )
    after = digests(copied)
    assert after.keys() == before.keys()
    changed = {path for path in before if before[path] != after[path]}
    timings = {f"reports/timings/{key}.json" for key in KEYS}
    # The page shows the seconds, so it may change with them.
    assert changed <= {*timings, "reports/index.html"}
    assert timings <= changed, "a clock that stands still shows nothing"


def digests(project: Project) -> dict[str, str]:
    """Of every file that a stage made."""
    files: dict[str, str] = {}
    for out in outputs(project):
        path = project.root / out
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file():
                files[file.relative_to(project.root).as_posix()] = digest_of_file(file)
    return files


def would_run(project: Project) -> set[str]:
    """The stages that `dvc repro` would run, but for those that only follow another."""
    changed = json.loads(project.run("dvc", "status", "--json", "dvc.yaml").splitlines()[-1])
    return {
        stage for stage, reasons in changed.items()
        if any("changed deps" in reason for reason in reasons)
    }  # fmt: skip


def test_what_trains_nothing_again(copied: Project) -> None:
    # A metric, a cost, the rule for the threshold, the stride, the rule for convergence, a figure:
    # judged or drawn again.
    edit(copied, CODE / "metrics" / "detection.py", "def rates(", "NOT_USED = 0\n\n\ndef rates(")
    edit(copied, CODE / "report" / "figures" / "depths.py", '"""', '"""Again. ')
    edit(copied, "params.yaml", "miss_cost: 20.0", "miss_cost: 10.0")
    copied.call("threshold", "scratch-s0", "--false-alarms-per-thousand", "10", "--write")
    edit(copied, "params.yaml", "tolerance: 0.005", "tolerance: 0.01")
    edit(copied, "params.yaml", "stride: 32", "stride: 16")
    # The machine: nothing at all.
    edit(copied, "params.yaml", "device: auto", "device: cpu")
    edit(copied, "params.yaml", "cache_max_gib: 2.0", "cache_max_gib: 0.0")
    edit(copied, "params.yaml", "checkpoint_every: 1", "checkpoint_every: 5")
    stages = {stage.partition("@")[0] for stage in would_run(copied)}
    assert stages == {
        "prepare",
        "judge",
        "layers",
        "embed",
        "responses",
        "interpolate",
        "compare",
        "report",
    }, "prepare counts trivial answers"
    before = outputs(copied)["data/prepared"]
    copied.run("dvc", "repro", "prepare")
    assert outputs(copied)["data/prepared"] == before, "and so trains nothing"


@pytest.mark.parametrize("name", ["cli/main.py", "tracking/sync.py", "params.py"])
def test_what_runs_nothing_again(copied: Project, name: str) -> None:
    path = copied.root / CODE / name
    path.write_text(path.read_text() + "\nNOT_USED = 0\n")
    assert not would_run(copied)


def test_a_docstring_trains_again_under_the_same_identity(copied: Project) -> None:
    name = CODE / "training" / "loop.py"
    edit(copied, name, '"""The one way to train', '"""The only way to train')
    edit(copied, name, "EIGHT = 8  # rotations", "EIGHT = 8  # all rotations")
    before = begin_of(log_of(copied, "finetune-s0")).identity
    assert "train@finetune-0" in stages_run(copied.run("dvc", "repro", "train@finetune-0"))
    assert begin_of(log_of(copied, "finetune-s0")).identity == before


def test_only_the_changed_variant_is_trained_again(copied: Project) -> None:
    said = copied.run(
        "dvc", "exp", "run", "-n", "faster",
        "-S", "variants.finetune.phases.0.learning_rate=0.002", "judge",
    )  # fmt: skip
    assert {stage for stage in stages_run(said) if stage.startswith("train")} == {
        "train@finetune-0"
    }
    difference = json.loads(copied.run("dvc", "metrics", "diff", "--json"))
    assert "reports/runs/finetune-s0.json" in json.dumps(difference)
    assert "faster" in copied.run("dvc", "exp", "show", "--csv")
    plots = copied.run("dvc", "plots", "diff", "--json", "--split", "HEAD")
    assert "finetune-s0.csv" in plots
    names = copied.run("dagm", "track")
    assert names.count("finetune-s0  ") == 2, "two learning rates are two runs"


def test_a_second_clone_pulls_and_runs_nothing(copied: Project, tmp_path: Path) -> None:
    copied.run("dvc", "remote", "add", "-d", "store", str(tmp_path / "remote"))
    copied.commit("remote")
    copied.run("dvc", "push")
    copied.run("git", "clone", "-q", str(copied.root), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    clone.run("dvc", "pull")
    assert not stages_run(clone.run("dvc", "repro"))
    assert "2 runs in the store" in clone.run("dagm", "track")


def test_two_processes_do_not_train_the_same_run(copied: Project) -> None:
    begin = begin_of(log_of(copied, "finetune-s0"))
    name = run_name(begin.identity, begin.environment)
    with FileLock(WorkPaths(copied.root).lock(name)):
        said = copied.run("dagm", "train", "finetune", ok=False)
    assert "another process is training this run" in said
    assert said.count("\n") == 1


def test_a_store_that_is_down_stops_no_training(copied: Project) -> None:
    before = digests(copied)
    shutil.rmtree(copied.root / ".work")
    assert "tracking stopped" in copied.call("train", "scratch")
    name = "models/scratch-s0/weights.safetensors"
    assert digest_of_file(copied.root / name) == before[name]


@pytest.mark.parametrize("damage", ["checkpoint", "log"])
def test_a_damaged_past_is_said_and_the_run_begins_anew(copied: Project, damage: str) -> None:
    begin = begin_of(log_of(copied, "finetune-s0"))
    work = WorkPaths(copied.root).run(run_name(begin.identity, begin.environment))
    log = TrainingPaths("finetune-s0").log.below(copied.root).log
    before = log.read_bytes()
    write_checkpoint(work / "checkpoint.pt", Checkpoint(3, 1.0, {}, {}))
    if damage == "checkpoint":
        os.truncate(work / "checkpoint.pt", 1000)
    (work / "log.jsonl").write_bytes(before[:2000] + b"\x00" * 512 + b"\n")
    torch.set_num_threads(1)  # as the first time, or it is another run
    said = copied.call("train", "finetune")
    assert "the run begins anew" in said
    assert log.read_bytes() == before
