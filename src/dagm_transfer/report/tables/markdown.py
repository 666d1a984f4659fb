"""What a study found as two tables of Markdown, for texts that are read without the page."""

from collections.abc import Sequence

from dagm_transfer.report.claims.table import Row
from dagm_transfer.report.contents import Study
from dagm_transfer.report.tables.html_tables import Cell, Table, results_table
from dagm_transfer.report.tables.iterations import convergence_table

JUDGED = ("variant", "seeds", "accuracy", "average precision")
COURSE = ("95 %", "99 %", "iterations trained", "seconds")
HEADINGS = {
    "accuracy": "test accuracy [95 %]",
    "average precision": "average precision [95 %]",
    "95 %": "iterations to 95 % of validation [range]",
    "99 %": "to 99 % [range]",
}


def summary_in_markdown(study: Study, claims: Sequence[Row]) -> str:
    """A row a variant: how good, and how soon; then a row a claim: its verdict, and why.

    Args:
        study: the runs.
        claims: with their verdicts.
    """
    kind = "patch" if study.unit == "patches" else "image"
    parts = [
        (results_table(study.results, kind, "test", ""), JUDGED),
        (convergence_table(study.results, ""), COURSE),
    ]
    found = [_columns(table, wanted) for table, wanted in parts]
    names = [HEADINGS.get(name, name) for columns in found for name in columns]
    rows = [
        [column[place] for columns in found for column in columns.values()]
        for place in range(len(study.results))
    ]
    verdicts = [
        [
            row.claim.statement,
            row.claim.published,
            f"**{row.decision.verdict}**: {row.decision.reason}",
        ]
        for row in claims
    ]
    return (
        _table(names, rows)
        + "\n"
        + _table(["claim of the study", "published", "verdict here"], verdicts)
    )


def _columns(table: Table, wanted: Sequence[str]) -> dict[str, list[str]]:
    """The first column of each name that is wanted and there."""
    names = [name for _, name in table.columns]
    return {
        name: [_text(row[names.index(name)]) for row in table.rows]
        for name in wanted
        if name in names
    }


def _text(cell: Cell) -> str:
    text = cell.text.replace("\n", "; ")
    return f"{text} [{cell.note}]" if cell.note else text


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
