"""What the runs measured, by seed, as claims ask for it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from dagm_transfer.analysis.of_seeds import folders_there
from dagm_transfer.analysis.paths import EMBEDDING, INTERPOLATION, RESPONSES, EmbeddingPaths
from dagm_transfer.analysis.responses.reading import StoredResponses
from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.claims.significance import Effect
from dagm_transfer.report.contents import Study
from dagm_transfer.report.found.budgets import at_equal_sums, way_of
from dagm_transfer.report.found.by_label import flatness_by_label, least_difference
from dagm_transfer.report.found.distances import Distances, read_distances
from dagm_transfer.report.found.line_results import LineResults
from dagm_transfer.report.found.results import Result

BySeed = Mapping[int, float]
AUGMENTED = "scratch_aug"  # what the study lays beside transfer


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

    def line(self, variant: str, network: str, metric: str) -> dict[int, float]:
        """A number of the lines at the first depth that they were drawn at; pixels have none.

        Of lines between defects alone.
        """
        lines = self._lines
        if lines is None or not lines.between_defects:
            return {}
        depth = 0 if network == "pixels" else min(lines.facts["depths"])
        return self.of(variant, lambda run: lines.of_run(run.begin.key, depth, network, metric))

    def response(self, variant: str, when: str, heat: str, metric: str) -> dict[int, float]:
        """A mean over the run's whole images of the stage `responses`, of no network as a baseline.

        NaN where the run was not looked at.
        """
        stored = self._responses
        if not stored.keys:
            return {}

        def mean(run: Result) -> float:
            return stored.means.get((run.begin.key, when, heat, metric), math.nan)

        return self.of(variant, mean)

    def distance(self, trunk: str, pair: str) -> float:
        """Graded distance of domains at the last depth; NaN where the stage has not run."""
        found = self._distances
        if found is None:
            return math.nan
        return finite_mean(found.values.get((*found.deepest(trunk), pair, "graded_distance"), ()))

    @cached_property
    def _responses(self) -> StoredResponses:
        return StoredResponses(self.study.root / RESPONSES, self.study.compared_runs)

    @cached_property
    def _lines(self) -> LineResults | None:
        there = folders_there(self.study.root / INTERPOLATION, self.study.compared_runs)
        return LineResults.of(self.study) if there else None

    @cached_property
    def _distances(self) -> Distances | None:
        path = EmbeddingPaths(self.study.root / EMBEDDING).domains
        return read_distances(path, {}) if path.exists() else None

    def over_transfer(self, measure: Callable[[str], BySeed]) -> dict[int, float]:
        """What scratch_aug has more of than transfer."""
        return less(measure(AUGMENTED), measure(self.transfer))

    def moved_more_at_equal_sums(self) -> dict[int, float]:
        """By how much more scratch_aug's weights had changed after the same sum of steps."""
        ways = {
            variant: {
                seed: way_of(run, self.study.root) for seed, run in self.runs(variant).items()
            }
            for variant in (AUGMENTED, self.transfer)
        }
        both = ways[AUGMENTED].keys() & ways[self.transfer].keys()
        pairs = {s: at_equal_sums(ways[AUGMENTED][s], ways[self.transfer][s]) for s in sorted(both)}
        return {seed: scratch - transfer for seed, (scratch, transfer) in pairs.items()}

    def less_flat(self, metric: str) -> dict[int, float]:
        """By how much scratch_aug is at the last depth, in the label where that is least."""
        scratch, transfer = (
            {seed: flatness_by_label(self.study.root, run.begin.key, metric)
             for seed, run in self.runs(variant).items()}
            for variant in (AUGMENTED, self.transfer)
        )  # fmt: skip
        return {
            seed: least_difference(scratch[seed], transfer[seed])
            for seed in scratch.keys() & transfer.keys()
        }

    def effect(
        self,
        what: str,
        values: BySeed,
        *,
        control: BySeed | None = None,
        right: Iterable[str] = (),
        once: bool = False,
    ) -> Effect:
        """An effect, over networks of some variants that have to be right for it to count."""
        accuracies = {variant: self.last(variant, "val/accuracy") for variant in right}
        return Effect(what, values, control or {}, accuracies, self.study.overlap, once)


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
