"""One fault in data, tried for real through the command line, and the table that comes of all."""

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dagm_transfer.cli.main import main

Happens = Literal["taken", "refused", "warning", "converted", "left out"]
PAGE = Path(__file__).with_name("page.md")  # the text around the rows
WORDS: dict[Happens, str] = {
    "taken": "taken as it is",
    "refused": "refused",
    "warning": "taken, with a warning",
    "converted": "converted",
    "left out": "taken, some left out",
}


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    text: str
    code: int

    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]


@dataclass(frozen=True)
class Fault:
    """A fault in data.

    Attributes:
        title: what is wrong, as a row of the table has it.
        happens: what must become of it.
        says: a regular expression for the line that tells of it; empty where nothing need be said.
        make: lays the data below a folder; the paths that are imported one after the other.
        holds: checks the project afterwards.
    """

    title: str
    happens: Happens
    says: str
    make: Callable[[Path], list[Path]]
    holds: Callable[[Path], None] = lambda _: None


def dagm(project: Path, *words: str) -> Said:
    """A command of `dagm` run at a project's root."""
    out = io.StringIO()
    before = sys.argv
    sys.argv = ["dagm", *words]
    code = 0
    try:
        with (
            contextlib.chdir(project),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
        ):
            main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.argv = before
    return Said(out.getvalue(), code)


def attempt(fault: Fault, folder: Path) -> tuple[Said, Path]:
    """Import what a fault is about into a new project; what was said at last, and the project."""
    project, brought = folder / "project", folder / "images"
    (project / "data").mkdir(parents=True)
    brought.mkdir()
    *earlier, last = fault.make(brought)
    for path in earlier:
        said = dagm(project, "import", str(path))
        assert said.code == 0, said.text
    return dagm(project, "import", str(last)), project


def line_of(fault: Fault, said: Said, folder: Path) -> str:
    """The line that tells of a fault, without the place where it was tried."""
    if not fault.says:
        return ""
    starts = f"{fault.happens}: " if fault.happens in ("warning", "converted", "left out") else ""
    found = [line for line in said.lines() if re.search(rf"^{starts}.*({fault.says})", line)]
    assert found, f"{fault.title}: {fault.says!r} not in\n{said.text}"
    line = found[0].removeprefix("error: ").removeprefix(f"{folder / 'images'}: ")
    return line.replace(f"{folder / 'images'}/", "").replace(str(folder / "images"), "images")


def row_of(fault: Fault, line: str) -> str:
    """The table's row."""
    cell = line.replace("|", "\\|").replace("`", "'")
    return f"| {fault.title} | {WORDS[fault.happens]} | {f'`{cell}`' if cell else ''} |"


def table(rows: Iterable[str]) -> str:
    """The text of docs/data-faults.md."""
    return PAGE.read_text(encoding="utf-8").replace("{rows}", "\n".join(rows))
