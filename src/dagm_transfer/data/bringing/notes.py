"""What an import did, or did not do, unasked."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Note:
    """One thing that a person wants to know of an import.

    Attributes:
        kind: `refused` ends it, the others do not.
        text: one line: what, where, and what to do.
    """

    kind: Literal["refused", "warning", "converted", "left out"]
    text: str
