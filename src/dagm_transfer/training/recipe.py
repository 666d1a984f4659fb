"""How to train: the settings of a variant and those that all share, and the steps they make."""

import itertools
from dataclasses import dataclass

from dagm_transfer.training.settings import Phase, Train, Variant


@dataclass(frozen=True)
class Span:
    """The iterations of one phase: from `first` on, up to `last` of them done."""

    first: int
    last: int
    phase: Phase


@dataclass(frozen=True)
class Recipe:
    """How to train; with equal recipes, data and initial networks come equal weights."""

    variant: Variant
    train: Train
    seed: int

    def spans(self) -> list[Span]:
        """The phases one after the other."""
        phases = self.variant.phases
        ends = [0, *itertools.accumulate(phase.iterations for phase in phases)]
        return [
            Span(*pair, phase) for pair, phase in zip(itertools.pairwise(ends), phases, strict=True)
        ]

    def stops(self) -> list[int]:
        """The iterations after which a run is evaluated: every so many, and where a phase ends.

        Where a snapshot is taken it is evaluated as well.
        """
        last = self.variant.iterations
        every = range(self.variant.evaluate_every, last, self.variant.evaluate_every)
        ends = [span.last for span in self.spans()]
        return sorted({*every, *ends, *self.snapshots()})

    def snapshots(self) -> list[int]:
        """The iterations after which the trunk is kept; those past the end are left out."""
        return sorted(step for step in self.train.snapshots if step <= self.variant.iterations)
