"""What DAGM's kind makes of a folder."""

import shutil
from pathlib import Path, PurePosixPath

from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.tree import File, Tree
from dagm_transfer.data.kinds.dagm import scan


def tree_of(source: Path, *unpacked: Path) -> Tree:
    """The files of a folder, and of zips in it that were unpacked to folders of their stem."""
    files = [
        File(PurePosixPath(source.name, path.relative_to(root).as_posix()), path)
        for root in (source, *unpacked)
        for path in root.rglob("*")
        if path.is_file()
    ]
    return Tree(source, tuple(sorted(files, key=lambda file: file.name)), ())


def planned(source: Path, *unpacked: Path) -> Plan:
    return scan.plan(tree_of(source, *unpacked))


def said(plan: Plan, kind: str) -> list[str]:
    """The texts of its notes of a kind; every note is one line."""
    assert not [note.text for note in plan.notes if not note.text.isprintable()]
    return [note.text for note in plan.notes if note.kind == kind]


def refusal(plan: Plan) -> str:
    """Why it is refused, where there is one reason."""
    (text,) = said(plan, "refused")
    return text


def stored(plan: Plan) -> list[str]:
    """What the images are called once they are stored, in the order of their index."""
    return [found.record.path.as_posix() for found in plan.found]


def move(source: Path, target: Path) -> Path:
    """Rename, making folders; the target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
    return target
