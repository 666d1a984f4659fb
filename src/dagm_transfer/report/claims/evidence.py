"""What the runs measured, by seed, as claims ask for it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dagm_transfer.report.claims.verdict import Effect
from dagm_transfer.report.contents import Study
from dagm_transfer.report.results import Result

BySeed = Mapping[int, float]


@dataclass(frozen=True)
class Evidence:
    """The runs of a study in one recipe.

    Attributes:
        study: all runs, and what the stages wrote.
        transfer: the variant that stands for transfer in this recipe.
    """

    study: Study
    transfer: str

    def runs(self, variant: str) -> dict[int, Result]:
        """By seed; none where the variant was not run."""
        return {run.begin.seed: run for run in self.study.results.get(variant, [])}

    def of(self, variant: str, value: Callable[[Result], float]) -> dict[int, float]:
        """A number of each run of a variant."""
        return {seed: value(run) for seed, run in self.runs(variant).items()}

    def layer(self, variant: str, metric: str, depths: Iterable[int]) -> dict[int, float]:
        """The mean of a layer metric over depths."""
        chosen = list(depths)
        return self.of(variant, lambda run: run.layer(metric, chosen))

    def metric(self, variant: str, name: str) -> dict[int, float]:
        """A final metric; NaN where a run has none."""
        return self.of(variant, lambda run: run.metrics.get(name, math.nan))

    def last(self, variant: str, name: str) -> dict[int, float]:
        """The last value of a curve."""
        return self.of(variant, lambda run: (run.curve(name)[1] or [math.nan])[-1])

    def effect(
        self,
        what: str,
        values: BySeed,
        *,
        control: BySeed | None = None,
        right: Iterable[str] = (),
    ) -> Effect:
        """An effect, over networks of some variants that have to be right for it to count."""
        accuracies: dict[int, float] = {}
        for variant in right:
            for seed, accuracy in self.last(variant, "val/accuracy").items():
                accuracies[seed] = min(accuracy, accuracies.get(seed, 1.0))
        return Effect(what, values, control or {}, accuracies)


def less(a: BySeed, b: BySeed) -> dict[int, float]:
    """The first less the second, for the seeds that both have.

    >>> less({0: 3.0, 1: 1.0}, {0: 1.0})
    {0: 2.0}
    """
    return {seed: a[seed] - b[seed] for seed in a if seed in b}


def above(a: BySeed, bound: float) -> dict[int, float]:
    """How far values lie above a bound.

    >>> above({0: 3.0}, 1.0)
    {0: 2.0}
    """
    return {seed: value - bound for seed, value in a.items()}


def below(a: BySeed, bound: float) -> dict[int, float]:
    """How far values lie below a bound.

    >>> below({0: 3.0}, 1.0)
    {0: -2.0}
    """
    return {seed: bound - value for seed, value in a.items()}
