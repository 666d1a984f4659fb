"""Every fault, in the order of the table; run as a program it writes the table."""

import sys
import tempfile
from pathlib import Path

from faulty import archives, labels, pictures, weights
from faulty.fault import attempt, line_of, row_of, table

FAULTS = [*archives.FAULTS, *pictures.FAULTS, *labels.FAULTS, *weights.FAULTS]


def rows() -> list[str]:
    """The rows of the table, each from a real attempt."""
    made = []
    for fault in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            said, _ = attempt(fault, Path(folder))
            made.append(row_of(fault, line_of(fault, said, Path(folder))))
    return made


if __name__ == "__main__":
    sys.stdout.write(table(rows()))
