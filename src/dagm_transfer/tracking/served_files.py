"""What travels with the served model: the modules that it runs on, and the packages that they need.

In a process that serves a version, the version's own modules come before those that are installed
(MLflow puts them first on the path), so that it goes on giving the numbers that it was registered
with when the project's code has moved on. In one that has imported `dagm_transfer` already, that
stays: load a version in a process of its own.
"""

import ast
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from dagm_transfer.events.identity import PACKAGE
from dagm_transfer.tracking.served import DECISION, GROUP, IMAGE, SCORE

SERVED = PACKAGE / "tracking" / "served.py"
PACKAGES = ("mlflow", "numpy", "onnxruntime", "pandas", "pillow", "pydantic", "scipy")
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec(DataType.string, IMAGE)]),
    outputs=Schema(
        [
            ColSpec(DataType.string, GROUP),
            ColSpec(DataType.double, SCORE),
            ColSpec(DataType.string, DECISION),
        ]
    ),
)


def served_modules() -> set[Path]:
    """The modules of this package that are imported when the served model is.

    Not those that a function imports when it is called: torch for an inspector without a network
    file, which a version never is.
    """
    found: set[Path] = set()
    waiting = [SERVED]
    while waiting:
        for path in _imported(waiting.pop()):
            if path not in found:
                found.add(path)
                waiting.append(path)
    return found


def copy_modules(folder: Path) -> Path:
    """Copy what the served model imports of this package; the folder of the package."""
    modules = served_modules()
    packages = {up for path in modules for up in path.parents if up.is_relative_to(PACKAGE)}
    for path in modules | {package / "__init__.py" for package in packages}:
        target = folder / path.relative_to(PACKAGE.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder / PACKAGE.name


def requirements() -> list[str]:
    """The packages at the versions that are installed here."""
    return [f"{name}=={version(name)}" for name in PACKAGES]


def _imported(path: Path) -> Iterator[Path]:
    """The modules of this package that a module imports at its top."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            first, *rest = node.module.split(".")
            if first == PACKAGE.name:
                yield PACKAGE.joinpath(*rest).with_suffix(".py")
