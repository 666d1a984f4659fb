"""Whether a network can be trained with the images of a plan, and by which split."""

from collections import defaultdict
from dataclasses import dataclass, field

from dagm_transfer.data.bringing.look import Looked
from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.prepared import FOLDS
from dagm_transfer.data.record import Half

FEW = 10  # of a label; fewer leave one or two to be tested
STATES = ("normal", "defective")


@dataclass
class Stratum:
    """Different images of one label of a group: contents by half."""

    halves: dict[Half | None, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def number(self) -> int:
        """Of different images."""
        return len(set().union(*self.halves.values()))

    @property
    def splits_officially(self) -> bool:
        """Whether the halves leave one image to test, one to train and one to validate."""
        tested = self.halves["Test"]
        return bool(tested) and len(self.halves["Train"] - tested) >= 2


@dataclass(frozen=True)
class Group:
    """The two labels of a group."""

    name: str
    normal: Stratum
    defective: Stratum

    def hindrance(self) -> str | None:
        """Why nothing can be trained with it, in words; None where it can."""
        numbers = self.normal.number, self.defective.number
        for state, number in zip(STATES, numbers, strict=True):
            if not number:
                return f"no {state} images; a classifier needs both labels"
            if number < FOLDS:
                return f"{number} different {state} images; {FOLDS} are needed for a split"
        return None

    def few(self) -> list[str]:
        """Labels that have enough images to train with, and too few to say much, in words."""
        numbers = self.normal.number, self.defective.number
        pairs = zip(STATES, numbers, strict=True)
        return [f"{number} {state}" for state, number in pairs if FOLDS <= number < FEW]

    def splits_officially(self) -> bool:
        """Whether `data.split.kind: official` can divide it."""
        return self.normal.splits_officially and self.defective.splits_officially


def groups_of(plan: Plan, looked: Looked) -> list[Group]:
    """The groups of a plan in its order; equal images count once, as they are split together."""
    groups: dict[str, Group] = {}
    for found, seen in looked.of(plan):
        record = found.record
        group = groups.setdefault(record.group, Group(record.group, Stratum(), Stratum()))
        label = group.defective if record.defective else group.normal
        label.halves[record.half].add(seen.content)
    return list(groups.values())
