"""A study's best trials as a table for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from dagm_transfer.sweep.settings import Sweep
from dagm_transfer.sweep.trials import Row


def show(rows: Sequence[Row], sweep: Sweep) -> None:
    """Print the trials, one a line, on the standard output."""
    table = Table(box=None, pad_edge=False)
    for heading in ("trial", "validation accuracy", f"iterations to {100 * sweep.target:g} %"):
        table.add_column(heading, justify="right")
    for name in sweep.space:
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        reached = "reached" if row.to_target is None else str(row.to_target)
        table.add_row(
            str(row.number),
            f"{row.accuracy:.1%}",
            reached if row.reached else f"not in {sweep.iterations}",
            *(shown(row.point[name]) for name in sweep.space),
        )
    Console(highlight=False, soft_wrap=True).print(table)


def shown(value: object) -> str:
    """A setting as people write it.

    >>> shown(0.00123456), shown(14), shown(True)
    ('0.00123', '14', 'True')
    """
    return f"{value:.3g}" if isinstance(value, float) else str(value)
