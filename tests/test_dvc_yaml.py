"""dvc.yaml against the code, and the committed parameters against the demo."""

import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dagm_transfer.events.identity import PACKAGE, closure

ROOT = Path(__file__).resolve().parents[1]
PIPELINE = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text())["stages"]
SWEEP = YAML(typ="safe").load((ROOT / "sweeps" / "dvc.yaml").read_text())["stages"]
STUDENTS = YAML(typ="safe").load((ROOT / "students" / "dvc.yaml").read_text())["stages"]
CODE = "src/dagm_transfer/"
MOST = 9  # entries of code beside the stage's own file: more would be a list that nobody reads
STAGES = [
    *((PIPELINE, stage, [f"stages/{stage}.py"]) for stage in PIPELINE),
    (SWEEP, "run", ["sweep/optimize.py", "sweep/workers.py", "sweep/page.py"]),
    *((STUDENTS, stage, ["stages/students.py"]) for stage in ("taught", "labels")),
    (STUDENTS, "report", ["report/students/student_page.py"]),
]
FOLDERS = {id(PIPELINE): "", id(SWEEP): "sweeps/", id(STUDENTS): "students/"}
NAMES = [f"{FOLDERS[id(pipeline)]}{stage}" for pipeline, stage, _ in STAGES]


def entries(pipeline, stage) -> list[str]:
    """The entries of code, below the package."""
    deps = pipeline[stage]["deps"]
    return [dep.removeprefix(CODE) for dep in deps if dep.startswith(CODE)]


def needed(modules) -> set[str]:
    """The files that these modules run on; a page also on its templates."""
    files = {path for module in modules for path in closure(PACKAGE / module)}
    names = {path.relative_to(PACKAGE).as_posix() for path in files}
    templates = PACKAGE / "report" / "pages"
    if "report/pages/render.py" in names:
        names |= {p.relative_to(PACKAGE).as_posix() for p in templates.glob("*.j2")}
    return names


def covers(entry: str, name: str) -> bool:
    return name == entry or name.startswith(f"{entry}/")


@pytest.mark.parametrize(("pipeline", "stage", "modules"), STAGES, ids=NAMES)
def test_the_entries_of_code_cover_what_a_stage_imports_and_none_is_idle(pipeline, stage, modules):
    listed, files = entries(pipeline, stage), needed(modules)
    uncovered = [name for name in files if not any(covers(entry, name) for entry in listed)]
    assert not uncovered, "list their folders"
    idle = [entry for entry in listed if not any(covers(entry, name) for name in files)]
    assert not idle, "nothing of theirs is imported"
    inside = [a for a in listed for b in listed if a != b and covers(b, a)]
    assert not inside, "their folder is listed as well"


@pytest.mark.parametrize("stage", PIPELINE)
def test_a_stage_names_few_entries_of_code(stage):
    listed = entries(PIPELINE, stage)
    own = f"stages/{stage}.py"
    assert own in listed
    assert len(listed) - 1 <= MOST


@pytest.mark.parametrize("entry", ["metrics", "report", "judging", "analysis", "source", "cli"])
def test_no_training_hangs_on_what_comes_after_it(entry):
    assert entry not in {name.partition("/")[0] for name in entries(PIPELINE, "train")}


def test_training_knows_one_file_of_the_data():
    assert [e for e in entries(PIPELINE, "train") if e.startswith("data")] == ["data/prepared.py"]


def test_settings_of_judging_and_of_the_machine_train_nothing():
    sections = {name.partition(".")[0] for name in PIPELINE["train"]["params"]}
    assert sections == {"model", "train", "variants"}
    named = {name for stage in PIPELINE.values() for name in stage.get("params", [])}
    assert not [name for name in named if name.startswith("machine")]
    # So another threshold is set by judging again, and nothing else.
    assert {s for s in PIPELINE if "judge" in PIPELINE[s].get("params", [])} == {"judge"}


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
