"""Which files of this package a module runs on: the code that a stage depends on."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent


def closure(module: Path) -> list[Path]:
    """A module of this package and all it imports of this package, directly or not, sorted.

    Imports inside functions count too. `__init__` files hold docstrings alone and are left out.
    """
    found: set[Path] = set()
    waiting = [module.resolve()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += list(_imported(path))
    return sorted(found)


def imported_modules(path: Path) -> Iterator[str]:
    """The dotted names that a file imports; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _imported(path: Path) -> Iterator[Path]:
    for name in imported_modules(path):
        first, *rest = name.split(".")
        file = PACKAGE.joinpath(*rest).with_suffix(".py")
        if first == PACKAGE.name and rest and file.exists():
            yield file
