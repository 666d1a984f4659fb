"""make where checkouts really lie: below a folder with a space, moved, on another Python."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Every program that make starts, as one package under uv's name, so that a real pip installs it
# into a real environment without an index. Each writes down how it was called; dvc starts a stage.
PROGRAMS = ("dagm", "dvc", "mypy", "ruff", "uv")
STANDIN = """\
import subprocess, sys
from pathlib import Path

def main():
    called = Path(sys.argv[0])
    with open("calls", "a") as log:
        print(called.absolute(), *sys.argv[1:], file=log)
    if called.name == "dvc":
        subprocess.run("dagm acquire", shell=True, check=True)

if __name__ == "__main__":
    main()
"""


def make(checkout: Path, *arguments: str, ok: bool = True) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PIP_"))}
    packages = (checkout / "packages").as_uri()
    done = subprocess.run(
        ["make", f"PYTHON={sys.executable}", *arguments],
        cwd=checkout,
        env={**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": packages, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout + done.stderr
    assert (done.returncode == 0) == ok, said
    return said


def calls(checkout: Path) -> list[str]:
    """What was called since the last look; programs of the checkout's own as bare names."""
    log = checkout / "calls"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return [line.removeprefix(f"{checkout}/.venv/bin/") for line in lines]


def new_checkout(target: Path) -> Path:
    (target / "packages").mkdir(parents=True)
    shutil.copyfile(ROOT / "Makefile", target / "Makefile")
    (target / "pyproject.toml").touch()
    (target / "requirements.lock").touch()
    with zipfile.ZipFile(target / "packages" / "uv-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("standin.py", STANDIN)
        wheel.writestr("pytest.py", STANDIN)
        scripts = "".join(f"{name} = standin:main\n" for name in PROGRAMS)
        wheel.writestr("uv-1.dist-info/entry_points.txt", f"[console_scripts]\n{scripts}")
        wheel.writestr("uv-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1\n")
        wheel.writestr("uv-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("uv-1.dist-info/RECORD", "")
    return target


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with its environment, in a path without a space."""
    checkout = new_checkout(tmp_path_factory.mktemp("ready") / "checkout")
    make(checkout, "setup")
    return checkout


def test_every_target_works_below_a_folder_with_a_space(tmp_path: Path) -> None:
    checkout = new_checkout(tmp_path / "folder with spaces" / "check out")
    make(checkout, "setup")
    sync, editable = calls(checkout)
    assert sync.startswith("uv pip sync ")
    assert sync.endswith(" requirements.lock")
    assert editable.startswith("uv pip install ")
    make(checkout, "demo")
    assert calls(checkout) == ["dvc repro", "dagm acquire"], "dvc finds the stages' commands"
    make(checkout, "demo-solar")
    cells, *run = calls(checkout)
    assert cells.startswith("uv pip install ")
    assert cells.endswith(" --requirements requirements-solar.lock")
    assert run == ["dagm preset solar", "dvc repro", "dagm acquire"]
    make(checkout, "ui")
    assert calls(checkout) == ["dagm ui"]
    lint = ["ruff check .", "ruff format --check .", "mypy"]
    make(checkout, "lint")
    assert calls(checkout) == lint
    make(checkout, "test")
    pytest_of_its_own = next((checkout / ".venv" / "lib").glob("*/site-packages/pytest.py"))
    assert calls(checkout) == [*lint, f"{pytest_of_its_own} -n 3"]
    make(checkout, "lock")
    everything, solar = calls(checkout)
    assert everything.startswith("uv pip compile pyproject.toml ")
    assert everything.endswith(" --output-file requirements.lock")
    assert solar.startswith("uv pip compile --group solar ")
    assert solar.endswith(" --output-file requirements-solar.lock")
    (checkout / ".work").mkdir()
    make(checkout, "clean")
    assert not (checkout / ".work").exists()
    assert "make setup" in make(checkout, "-s", "help")
    assert calls(checkout) == []


def python_gone(venv: Path) -> None:
    for link in venv.glob("bin/python*"):
        link.unlink()
        link.symlink_to(venv / "gone")


def python_of_another_version(venv: Path) -> None:
    (lib,) = venv.glob("lib/python3*")
    lib.rename(lib.with_name("python3.0"))


def never_finished(venv: Path) -> None:
    (venv / ".installed").unlink()
    (venv / ".made-at").unlink()


def test_a_moved_checkout_gets_an_environment_of_its_own(ready: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(ready, tmp_path / "moved", symlinks=True)
    for fault in ("was made at another path", "has lost its Python"):
        calls(moved)
        assert fault in make(moved, "setup")
        assert len(calls(moved)) == 2
        make(moved, "demo")
        assert calls(moved) == ["dvc repro", "dagm acquire"]
        python_gone(moved / ".venv")


def test_a_whole_environment_is_left_alone(ready: Path) -> None:
    calls(ready)
    assert "Nothing to be done" in make(ready, "setup")
    assert calls(ready) == []
    (ready / "requirements.lock").touch()
    assert "-m venv" not in make(ready, "setup"), "new pins need no new environment"
    assert len(calls(ready)) == 2


@pytest.mark.parametrize("broken", [python_gone, python_of_another_version, never_finished])
@pytest.mark.parametrize("target", ["setup", "lock"])
def test_a_broken_environment_is_made_anew(
    ready: Path, tmp_path: Path, broken: Callable[[Path], None], target: str
) -> None:
    copy = shutil.copytree(ready, tmp_path / "copy", symlinks=True)
    (copy / ".venv" / ".made-at").write_text(f"{copy}\n")
    assert "-m venv" not in make(copy, "--dry-run", target)
    broken(copy / ".venv")
    assert "-m venv" in make(copy, "--dry-run", target)


def test_no_environment_is_thrown_away_where_none_can_be_made(ready: Path) -> None:
    record = ready / ".venv" / ".made-at"
    record.rename(ready / "aside")
    assert "Python 3.11 or 3.12 is needed" in make(ready, "PYTHON=", "setup", ok=False)
    assert (ready / ".venv" / "bin" / "dvc").exists()
    (ready / "aside").rename(record)
