"""A small copy of the project, run for real: DVC, MLflow and the command line."""

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow import MlflowClient
from ruamel.yaml import YAML
from safetensors.torch import save_file

from dagm_transfer.models.vgg16 import VGG16, initialise

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LEFT_OUT = (
    "tests/", "dvc.lock", "students/dvc.lock", "reports/runs/", "reports/sweeps/",
    "reports/students/", "reports/published/", "reports/champion.json", "reports/claims.json",
)  # fmt: skip


@dataclass(frozen=True)
class Project:
    """A checkout of its own with tiny parameters."""

    root: Path

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "MLFLOW_"))}
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{kept['PATH']}",
            "PYTHONPATH": str(self.root / "src"),
            "DVC_NO_ANALYTICS": "1",
            # Two workers of the test run share two cores.
            "OMP_NUM_THREADS": "1",
            "GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@example.org",
            "GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.org",
        }  # fmt: skip

    def run(self, *command: str, ok: bool = True) -> str:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=2400,  # so long only where it hangs: a busy machine takes 900
            check=False,
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == ok, f"{' '.join(command)}\n{said}"
        return said

    def call(self, *command: str) -> str:
        """A `dagm` command in this process, with a store that is down: no seconds to start."""
        from typer.testing import CliRunner

        from dagm_transfer.cli.main import app

        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            patch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
            patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
            patch.delenv("DVC_ROOT", raising=False)
            done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0, f"{command}\n{done.output}"
        return done.output

    def commit(self, message: str) -> None:
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "--allow-empty", "-m", message)

    def copy(self, target: Path) -> "Project":
        """Another project of the same state, caches, tracking store and all."""
        cache = str(self.root / ".dvc" / "cache")  # nothing in it is ever written again

        def place(source: str, there: str) -> None:
            (os.link if source.startswith(cache) else shutil.copy2)(source, there)

        shutil.copytree(self.root, target, symlinks=True, copy_function=place)
        if (target / "mlflow.db").exists():
            _rename_places(target / "mlflow.db", self.root, target)
        return Project(target)


def stored(project: Project) -> MlflowClient:
    """The tracking store as it is now.

    A copy: mlflow holds on to a file that it once opened, and would go on reading one that has been
    replaced since.
    """
    copy = project.root / ".work" / f"read-{uuid.uuid4().hex}.db"
    copy.parent.mkdir(exist_ok=True)
    for ending in ("", "-wal", "-shm"):
        if (store := project.root / f"mlflow.db{ending}").exists():
            shutil.copyfile(store, Path(f"{copy}{ending}"))
    return MlflowClient(f"sqlite:///{copy}")


def _rename_places(store: Path, old: Path, new: Path) -> None:
    """Have a copied store say that it was made where it lies: made anew it would cost a minute."""
    with closing(sqlite3.connect(store)) as database, database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for column in {"artifact_location", "artifact_uri", "source"} & set(columns):
                database.execute(
                    f"UPDATE {table} SET {column} = replace({column}, ?, ?)",  # noqa: S608
                    (str(old), str(new)),
                )


def tiny_params(text: str) -> str:
    """The committed parameters, cut down to what a test can wait for."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    params = yaml.load(text)
    params["study"]["variants"] = ["scratch", "finetune"]
    params["study"]["compared"] = ["scratch", "finetune"]
    data = params["data"]
    data["images"].update(textures=[3, 6], normal=14, defective=14, size=128)
    data["size"] = 32
    data["patch"].update(per_normal=2, per_defective=2, jitter=8)
    params["judge"]["whole"].update(stride=32, normal=1, defective=1)
    params["embed"].update(inputs=8, depths=[2, 13])
    params["source"]["origin"] = "file"
    params["interpolate"].update(steps=3, ends=2, inputs=8, iterations=2)
    params["train"].update(batch_size=4, train_subset=4)
    params["analysis"].update(probe_draws=1)
    params["machine"].update(checkpoint_every=1)
    for variant in params["variants"].values():
        variant["evaluate_every"] = 1
        for phase in variant["phases"]:
            phase["iterations"] = 6 // len(variant["phases"])
    sizes = [{"divisor": divisor, "iterations": 4} for divisor in (64, 128)]
    params["students"].update(teachers=["finetune"], sizes=sizes, evaluate_every=2)
    params["compare"].update(points=3, inputs=8)
    params["sweep"].update(iterations=6, evaluate_every=1, target=0.55)
    out = io.StringIO()
    yaml.dump(params, out)
    return out.getvalue()


def new_project(target: Path, change: Callable[[str], str] = str) -> Project:
    """A project with the tiny parameters, or with what `change` makes of their text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(LEFT_OUT):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)
    committed = (target / "params" / "demo.yaml").read_text()
    (target / "params.yaml").write_text(change(tiny_params(committed)))
    network = VGG16(2, "gap", 32)
    initialise(network, "he", seed=7)
    trunk = {k: v for k, v in network.state_dict().items() if k.startswith("features.")}
    (target / "models" / "incoming").mkdir(parents=True)
    save_file(trunk, target / "models" / "incoming" / "trunk.safetensors")
    project = Project(target)
    project.run("git", "init", "-q", "-b", "main")
    project.run("dvc", "config", "--local", "cache.dir", str(target / ".dvc" / "cache"))
    project.commit("project")
    return project


def stages_run(said: str) -> set[str]:
    """The names of the stages that ran."""
    lines = [line for line in said.splitlines() if line.startswith("Running stage")]
    return {line.split("'")[1] for line in lines}


def outputs(project: Project) -> dict[str, str]:
    """The digest of every output by its path, as dvc.lock has it."""
    lock = YAML(typ="safe").load((project.root / "dvc.lock").read_text())
    return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


def edit(project: Project, name: str | Path, old: str, new: str) -> None:
    path = project.root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
