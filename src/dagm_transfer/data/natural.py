"""Names in the order that people count in."""

import re


def natural(name: str) -> tuple[tuple[str | int, ...], str]:
    """What names are sorted by, so that numbers in them count as numbers.

    >>> sorted(["bolt 10", "Bolt 9", "bolt 1"], key=natural)
    ['bolt 1', 'Bolt 9', 'bolt 10']
    """
    parts = re.split(r"(\d+)", name)
    # Text and digits take turns, so that like is compared with like.
    return tuple(int(p) if place % 2 else p.casefold() for place, p in enumerate(parts)), name
