"""Tables as CSV text: rows are mappings with the same keys."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Cell = str | int | float | None


def to_csv(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str]) -> str:
    r"""Rows as CSV; None and missing keys become empty cells, floats keep every digit.

    >>> to_csv([{"depth": 1, "sparsity": 0.5}], ["depth", "sparsity"])
    'depth,sparsity\n1,0.5\n'
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
