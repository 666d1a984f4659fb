"""One statement of the study, and the numbers that decide it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dagm_transfer.report.claims.evidence import Evidence
from dagm_transfer.report.claims.significance import Effect


@dataclass(frozen=True)
class Claim:
    """A row of the table.

    Attributes:
        name: a short one, for searching.
        statement: what is claimed.
        published: what was published of it.
        rule: when it holds here, in words.
        effects: the numbers that the rule is about; none where nothing here measures it.
        control: what their control is.
    """

    name: str
    statement: str
    published: str
    rule: str
    effects: Callable[[Evidence], Sequence[Effect]]
    control: str = "the network before training"


def nothing(evidence: Evidence) -> list[Effect]:
    """Of what no run here can say."""
    del evidence
    return []
