"""The architecture: who imports whom, and what no module may."""

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from dagm_transfer.imports import PACKAGE, closure, imported_modules

FILES = sorted(PACKAGE.rglob("*.py"))
INITS = [path for path in FILES if path.name == "__init__.py"]
MODULES = [path for path in FILES if path.name != "__init__.py"]
NAME = PACKAGE.name
MAX_LINES = 250

# What each layer may not import, in the words of DESIGN §3.
FORBIDDEN = {
    "models": {"training", "stages", "tracking", "sweep"},
    "data": {"training", "stages", "tracking", "sweep"},
    "training": {"stages", "tracking", "config", "sweep"},
    "stages": {"tracking", "cli", "sweep"},
    "tracking": {"sweep", "cli"},
    "sweep": {"tracking", "cli", "cli_sweep", "wiring"},
}
# A run trains and is measured where there is nothing but these.
LIGHT = {"torch", "numpy", "scipy", "sklearn", "safetensors"}


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


def test_only_figures_imports_matplotlib():
    found = importers("matplotlib")
    assert {name.partition("/")[0] for name in found} == {"figures"}


def test_only_the_sweep_imports_optuna():
    assert {name.partition("/")[0] for name in importers("optuna")} == {"sweep"}


def test_nothing_imports_dvc():
    assert importers("dvc") == set()


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_layers_point_one_way(layer):
    assert below(layer), f"no modules in {layer}"
    assert layers(below(layer)) & FORBIDDEN[layer] == set()


def test_metrics_import_nothing_of_the_package_but_metrics():
    assert layers(below("metrics")) <= {"metrics"}


@each([*below("training"), *below("metrics")])
def test_training_and_metrics_need_only_what_any_machine_has(path):
    reached = {name for module in closure(path) for name in roots(module)}
    assert reached - LIGHT - {NAME} <= sys.stdlib_module_names


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
    monkeypatch.setattr("dagm_transfer.imports.PACKAGE", package)
    found = [path.relative_to(package).as_posix() for path in closure(package / "start.py")]
    assert found == ["inner/first.py", "second.py", "start.py", "third.py"]
