"""What an import did, or did not do, unasked; and how it names what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

NAMED = 3  # names that a note gives before it counts the rest


@dataclass(frozen=True)
class Note:
    """One thing that a person wants to know of an import.

    Attributes:
        kind: `refused` ends it, the others do not.
        text: one line: what, where, and what to do.
    """

    kind: Literal["refused", "warning", "converted", "left out"]
    text: str


def shown(name: PurePath | str) -> str:
    r"""A name on one line that every terminal and file can take; names may hold anything.

    >>> shown("Größe 1.png"), shown("two\nlines.png"), shown("latin\udce9.png")
    ('Größe 1.png', 'two\\nlines.png', 'latin\\udce9.png')
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(name))


def listed(noun: str, what: str, names: Sequence[PurePath | str]) -> str:
    """How many there are, what they are, and the names of the first.

    >>> listed("file", "no image", [PurePath(name) for name in "abcde"])
    '5 files, no image: a, b, c and 2 more'
    >>> listed("link", "to nowhere", [PurePath("a")])
    '1 link, to nowhere: a'
    """
    plural = "" if len(names) == 1 else "s"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    first = ", ".join(shown(name) for name in names[:NAMED])
    return f"{len(names)} {noun}{plural}, {what}: {first}{more}"
