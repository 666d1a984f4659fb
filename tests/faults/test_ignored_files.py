"""Bytes that count and files that do not: what DVC overlooks, and what git hands out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = (
    ".DS_Store", "._0001.PNG", "Thumbs.db", "desktop.ini", "Desktop.ini", ".directory", ".nfs00a1",
    "loop.py~", ".loop.py.swp", ".loop.py.swo", "loop.py.swp", "#loop.py#", ".#loop.py",
    ".loop.py.un~", ".~lock.table.csv#", "loop.py.orig", "loop.py.bak",
    ".idea/workspace.xml", ".vscode/settings.json", ".ipynb_checkpoints/a-checkpoint.ipynb",
    "__pycache__/loop.cpython-311.pyc", "loop.pyc", "package.egg-info/PKG-INFO",
    ".pytest_cache/README.md", ".mypy_cache/3.11/loop.json", ".ruff_cache/0.14/1",
)  # fmt: skip
PIPELINE = """\
stages:
  draw:
    cmd: mkdir -p raw/Class1 && cp code/deep/loop.py raw/Class1/0001.PNG
    deps: [code]
    outs: [raw]
"""
BINARY = ("a.png", "a.PNG", "a.safetensors", "a.npy", "a.pt", "a.onnx")


def run(folder: Path, *command: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "GIT_"))}
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@example.org",
            "GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.org",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_systems_and_editors_leave_behind_runs_nothing(tmp_path: Path) -> None:
    run(tmp_path, "git", "init", "-q")
    shutil.copyfile(ROOT / ".dvcignore", tmp_path / ".dvcignore")
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").touch()
    (tmp_path / "code" / "deep").mkdir(parents=True)
    (tmp_path / "code" / "deep" / "loop.py").write_text("code")
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    run(tmp_path, "dvc", "repro", "-q")
    folders = [tmp_path / name for name in ("code", "code/deep", "raw", "raw/Class1")]
    for folder in folders:
        for name in LEFT_BEHIND:
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            (folder / name).write_text("left behind")
    assert "up to date" in run(tmp_path, "dvc", "status")
    (tmp_path / "code" / "deep" / "new.py").write_text("real")
    (tmp_path / "raw" / "Class1" / "new.png").write_text("real")
    said = run(tmp_path, "dvc", "status")
    assert "modified:           code" in said
    assert "modified:           raw" in said


def test_a_checkout_has_the_committed_bytes_whatever_git_is_told(tmp_path: Path) -> None:
    tracked = run(ROOT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    origin = tmp_path / "origin"
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, origin / name)
    for name in BINARY:
        (origin / name).write_bytes(b"looks like text\r\nbut is not\n")
    run(origin, "git", "init", "-q")
    run(origin, "git", "-c", "core.autocrlf=true", "add", "--all", "--force")
    run(origin, "git", "commit", "-q", "-m", "all")
    for setting in ("true", "input"):
        clone = tmp_path / setting
        run(tmp_path, "git", "clone", "-q", "-c", f"core.autocrlf={setting}", "origin", setting)
        files = [path for path in clone.rglob("*") if path.is_file() and ".git" not in path.parts]
        assert len(files) > 100
        changed = [
            name
            for path in files
            if path.read_bytes() != (origin / (name := path.relative_to(clone))).read_bytes()
        ]
        assert changed == []
        assert run(clone, "git", "status", "--porcelain") == ""
