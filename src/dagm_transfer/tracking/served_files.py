"""What travels with the served model: the modules that it runs on, and the packages that they need.

In a process that serves a version, the version's own modules come before those that are installed
(MLflow puts them first on the path), so that it goes on giving the numbers that it was registered
with when the project's code has moved on. In one that has imported `dagm_transfer` already, that
stays: load a version in a process of its own.
"""

import shutil
from importlib.metadata import version
from pathlib import Path

from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from dagm_transfer.events.identity import PACKAGE, closure
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


def copy_modules(folder: Path) -> Path:
    """Copy those modules of this package that the served model imports; their package's folder."""
    needed = {path for path in closure(SERVED) if path != SERVED}
    packages = {above for path in needed for above in path.parents if above.is_relative_to(PACKAGE)}
    for path in needed | {package / "__init__.py" for package in packages}:
        target = folder / path.relative_to(PACKAGE.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder / PACKAGE.name


def requirements() -> list[str]:
    """The packages at the versions that are installed here."""
    return [f"{name}=={version(name)}" for name in PACKAGES]
