"""dvc.yaml against the code, and the committed parameters against the demo."""

import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dagm_transfer.imports import PACKAGE, closure

ROOT = Path(__file__).resolve().parents[1]
STAGES = [
    *(("dvc.yaml", stage, f"stages/{stage}.py")
      for stage in ("acquire", "prepare", "source", "train", "analyze", "report")),
    ("sweeps/dvc.yaml", "run", "sweep/run.py"),
    ("sweeps/dvc.yaml", "report", "sweep/page.py"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "stage", "entry"), STAGES)
def test_code_dependencies_are_the_import_closure(file: str, stage: str, entry: str) -> None:
    pipeline = YAML(typ="safe").load((ROOT / file).read_text())
    listed = {dep for dep in pipeline["stages"][stage]["deps"] if dep.endswith(".py")}
    needed = {
        f"src/dagm_transfer/{path.relative_to(PACKAGE).as_posix()}"
        for path in closure(PACKAGE / entry)
    }
    assert listed == needed, f"missing {sorted(needed - listed)}, stale {sorted(listed - needed)}"


def test_committed_parameters_are_the_demo() -> None:
    shown = subprocess.run(
        ["git", "show", "HEAD:params.yaml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if shown.returncode:
        pytest.skip("not in a git checkout")
    demo = subprocess.run(
        ["git", "show", "HEAD:params/demo.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == demo.stdout


def test_dvc_tells_nobody() -> None:
    assert "analytics = false" in (ROOT / ".dvc" / "config").read_text()


def test_the_lock_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "index-url" not in lock
    assert "--hash=sha256:" in lock
    assert not [line for line in lock.splitlines() if "://" in line]
