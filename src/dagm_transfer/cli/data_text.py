"""What a person is shown of images before and after they are brought in."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from dagm_transfer.data.bringing.bring import Brought
from dagm_transfer.data.bringing.checked import Checked
from dagm_transfer.data.bringing.described import Row, counts_of, lacks_of, rows_of, use_of
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.paths import IMPORTED
from dagm_transfer.params import PARAMS

NOTES = ("refused", "warning", "converted", "left out")
COLUMNS = ("", "half", "label", "images", "pixels", "bits", "weak label", "equal")
WIDE = 140  # columns, where the output is a file


def print_check(checked: Checked, words: str) -> None:
    """Everything about images that were not brought in, on the standard output.

    Args:
        checked: the images.
        words: what was typed after `dagm check`.
    """
    out = Console(markup=False, highlight=False, emoji=False)
    if not out.is_terminal:
        out.width = WIDE
    out.print(headline(checked), soft_wrap=True)
    if rows := rows_of(checked.plan, checked.looked):
        out.print(_table(rows))
    for line in lacks_of(checked.plan, checked.kind.lacking):
        out.print(line, soft_wrap=True)
    for kind in NOTES:
        if texts := checked.said(kind):
            out.print(f"{kind}:", soft_wrap=True)
            for text in texts:
                out.print(f"  {text}", soft_wrap=True)
    for line in _conclusion(checked, words):
        out.print(line, soft_wrap=True)


def headline(checked: Checked) -> str:
    """What the images are taken for, why, and how many there are."""
    plan = checked.plan
    counts = counts_of(plan, checked.kind.parts) if plan.found else "nothing to bring in"
    why = f" ({plan.why})" if plan.why else ""
    return f"{shown(checked.tree.source)}: {plan.kind}{why}: {counts}"


def note_lines(checked: Checked) -> Iterator[str]:
    """A line for each note that is no reason against an import."""
    for kind in NOTES[1:]:
        for text in checked.said(kind):
            yield f"{kind}: {text}"


def brought_lines(brought: Brought) -> Iterator[str]:
    """What lies in the project now, a line for each group, and what to do next."""
    manifest = brought.manifest
    yield from brought.said
    for name, group in manifest["groups"].items():
        lacks = group.get("missing")
        missing = f" ({lacks}: set data.images.allow_partial)" if lacks else ""
        yield f"{shown(name)}: {group['normal']} normal, {group['defective']} defective{missing}"
    if len(manifest["groups"]) > 1 and manifest["kind"] == "folder":
        yield "all of them are inspected together, unless data.images.groups names some"
    yield (
        f"{IMPORTED} describes them: commit it; `dvc repro` uses them where {PARAMS} has "
        f"data.images.kind: {manifest['kind']}"
    )


def _table(rows: list[Row]) -> Table:
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for column in ("images", "equal"):
        table.columns[COLUMNS.index(column)].justify = "right"
    before = None
    for row in rows:
        group = "" if row.group == before else shown(row.group)
        before = row.group
        table.add_row(
            group, row.half, shown(row.label), str(row.images), row.size, row.depth, row.marked,
            str(row.equal or ""),
        )  # fmt: skip
    return table


def _conclusion(checked: Checked, words: str) -> list[str]:
    if checked.said("refused"):
        return [f"not importable: mend what is refused, then `dagm check {words}` again"]
    return [*use_of(checked.plan, checked.looked), f"next: `dagm import {words}`"]
