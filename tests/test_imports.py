"""The architecture: who imports whom, and what no module may."""

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from dagm_transfer.events.identity import PACKAGE, closure, imported_modules

FILES = sorted(PACKAGE.rglob("*.py"))
INITS = [path for path in FILES if path.name == "__init__.py"]
MODULES = [path for path in FILES if path.name != "__init__.py"]
NAME = PACKAGE.name
MAX_LINES = 250

# Imports run one way: a folder may import itself and those that stand below it (from the
# command line down to core). `data.kinds` and the like count as their folder.
ALLOWED = {
    "core": set(),
    "events": {"core"},
    "metrics": set(),
    "models": set(),
    "data": {"core", "metrics"},
    "source": {"core", "models"},
    "training": {"core", "events", "data", "models"},
    "judging": {"core", "events", "metrics", "data", "models", "training"},
    "inspection": {"core", "events", "metrics", "data", "models", "training", "judging"},
    "analysis": {"core", "events", "metrics", "data", "models", "training", "judging"},
    "report": {
        "core",
        "events",
        "metrics",
        "data",
        "models",
        "training",
        "judging",
        "analysis",
        "inspection",
    },
    "tracking": {"core", "events", "judging", "training", "analysis", "inspection"},
}
COMPOSING = {"stages", "sweep", "params", "params_writing", "cli"}
# A run trains, is judged and is measured where there is nothing but these.
LIGHT = {"torch", "numpy", "scipy", "sklearn", "safetensors", "pydantic", "filelock"}  # torch's own


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def below(layer: str) -> list[Path]:
    return [path for path in MODULES if path.relative_to(PACKAGE).parts[0] == layer]


def roots(path: Path) -> set[str]:
    """The packages that a module imports, at its top or inside a function."""
    return {name.partition(".")[0] for name in imported_modules(path)}


def layers(paths: Iterable[Path]) -> set[str]:
    """The layers of this package that modules import themselves."""
    names = (name.split(".") for path in paths for name in imported_modules(path))
    return {parts[1] for parts in names if parts[0] == NAME and len(parts) > 1}


def importers(package: str) -> set[str]:
    return {name_of(path) for path in MODULES if package in roots(path)}


def each(paths: list[Path]):
    return pytest.mark.parametrize("path", paths, ids=name_of)


def test_only_tracking_imports_mlflow():
    found = importers("mlflow")
    assert found, "the tests would see no import at all"
    assert {name.partition("/")[0] for name in found} == {"tracking"}


def test_only_the_figures_import_matplotlib():
    found = importers("matplotlib")
    assert found
    assert {name.rpartition("/")[0] for name in found} == {"report/figures"}


def test_only_the_sweep_imports_optuna():
    assert {name.partition("/")[0] for name in importers("optuna")} == {"sweep"}


@each(below("sweep"))
def test_nothing_names_a_private_name_of_optuna(path):
    kept_by_optuna = {"fixed_params", "retry_history", "failed_trial"}  # in system attributes
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        # Double underscores are the language's own.
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr):
            assert getattr(node.value, "id", "") == "self", f"line {node.lineno}: {node.attr}"
        assert not (isinstance(node, ast.Constant) and node.value in kept_by_optuna)
    assert not [n for n in imported_modules(path) if n.startswith("optuna") and "._" in n]


def test_nothing_imports_dvc():
    assert importers("dvc") == set()


def test_every_folder_has_its_place():
    folders = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert folders == {*ALLOWED, *COMPOSING}


@pytest.mark.parametrize("layer", ALLOWED)
def test_imports_run_one_way(layer):
    assert below(layer), f"no modules in {layer}"
    assert layers(below(layer)) - {layer} <= ALLOWED[layer]


def test_nothing_below_the_command_line_knows_it():
    others = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] != "cli"]
    assert "cli" not in layers(others)


def test_stages_know_neither_tracking_nor_sweeps_nor_the_parameter_file():
    assert layers(below("stages")) & {"tracking", "sweep", "params", "params_writing"} == set()
    assert "tracking" not in layers(below("sweep"))


def test_one_module_reads_the_parameter_file_and_one_writes_it():
    assert importers("ruamel") == {"params.py", "params_writing.py"}


@each([*below("training"), *below("judging"), *below("analysis"), *below("metrics")])
def test_a_run_needs_only_what_any_machine_has(path):
    reached = {name for module in closure(path) for name in roots(module)}
    assert reached - LIGHT - {NAME} <= sys.stdlib_module_names


@pytest.mark.parametrize("name", ["windows", "scores", "card", "curve", "threshold_rule"])
def test_judging_is_numpy_over_a_callable(name):
    # So that the same code serves another runtime than torch.
    reached = {
        root for module in closure(PACKAGE / "judging" / f"{name}.py") for root in roots(module)
    }
    assert "torch" not in reached


@pytest.mark.parametrize("name", ["operating_point", "promise"])
def test_an_operating_point_is_seen_without_torch(name):
    reached = closure(PACKAGE / "inspection" / "thresholds" / f"{name}.py")
    assert "torch" not in {root for module in reached for root in roots(module)}


def test_a_report_needs_no_torch():
    # It is made wherever logs and tables are.
    reached = {
        root for module in closure(PACKAGE / "stages" / "report.py") for root in roots(module)
    }
    assert "torch" not in reached


def test_a_name_of_a_file_says_one_thing():
    # Settings, paths and the like say the same thing in every folder; a stage is named after what
    # it runs, a command after what it calls; figures, sections and claims after their subject.
    named_after = {"stages", "cli", "figures", "sections", "claims"}
    names = [p.stem for p in MODULES if not named_after & set(p.relative_to(PACKAGE).parts)]
    twice = {name for name in names if names.count(name) > 1}
    assert twice <= {"settings", "paths", "kind", "importing", "page", "section", "scan"}


@each(INITS)
def test_an_init_holds_nothing_but_a_docstring(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body, []))


@each(MODULES)
def test_a_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@each(FILES)
def test_a_file_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_a_closure_follows_imports_of_every_form(tmp_path, monkeypatch):
    package = tmp_path / "pack"
    texts = {
        "start.py": "import os\nfrom pack.inner import first\nimport pack.second",
        "second.py": "def late():\n    from pack.third import thing\n",
        "third.py": "import pack.second",
        "inner/__init__.py": '"""Docs."""',
        "inner/first.py": "",
        "inner/never.py": "",
    }
    for name, text in texts.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr("dagm_transfer.events.identity.PACKAGE", package)
    found = [path.relative_to(package).as_posix() for path in closure(package / "start.py")]
    assert found == ["inner/first.py", "second.py", "start.py", "third.py"]
