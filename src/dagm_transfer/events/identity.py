"""What a run is known by: what was asked for, and what its numbers depend on besides.

The identity digests the parameters that change weights, the data, the source and the code that
training runs on; the environment names the rest (see training/device.py). Equal identity and
environment end bit for bit the same on a CPU.
"""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dagm_transfer.core.files import digest_of

PACKAGE = Path(__file__).parents[1]
SHORT = 12  # digits of a digest in the names of files: enough to tell runs apart


def run_name(identity: str, environment: Mapping[str, str]) -> str:
    """The name of a run's working files.

    >>> run_name("0123456789abcdef", {"torch": "2.11"})
    '0123456789ab-72f4691f4780'
    """
    return f"{identity[:SHORT]}-{environment_digest(environment)[:SHORT]}"


def environment_digest(environment: Mapping[str, str]) -> str:
    """Digest of what a run's numbers depend on besides its identity."""
    return digest_of(dict(environment))


def code_digest(modules: Iterable[Path]) -> str:
    """Digest of modules and all they import of this package, without comments and docstrings."""
    files = sorted({path for module in modules for path in closure(module)})
    texts = {
        path.relative_to(PACKAGE).as_posix(): bare_text(path.read_text(encoding="utf-8"))
        for path in files
    }
    return digest_of(texts)


def bare_text(source: str) -> str:
    r"""The text of a module without comments, docstrings, blank lines and trailing blanks.

    Text and not a syntax tree, whose dump differs between versions of Python.

    >>> bare_text('\"\"\"What it is.\"\"\"\n\nx = "#1"  # why\n')
    'x = "#1"'
    """
    lines = [line.rstrip("\n") for line in source.splitlines(keepends=True)]
    for first, last in _docstrings(source):
        lines[first - 1 : last] = [""] * (last - first + 1)
    for row, column in _comments(source):
        lines[row - 1] = lines[row - 1][:column]
    stripped = (line.rstrip() for line in lines)
    return "\n".join(line for line in stripped if line)


def _docstrings(source: str) -> Iterator[tuple[int, int]]:
    """The first and the last line of each docstring."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            if _stands_alone(source, text):
                yield text.lineno, text.end_lineno or text.lineno


def _stands_alone(source: str, text: ast.stmt) -> bool:
    """Whether nothing else stands on the lines of a docstring."""
    lines = source.splitlines()[text.lineno - 1 : text.end_lineno]
    return "\n".join(lines).strip() == ast.get_source_segment(source, text)


def _comments(source: str) -> Iterator[tuple[int, int]]:
    """The row and column at which each comment begins."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start


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
