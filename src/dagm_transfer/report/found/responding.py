"""What the stage `responses` left, as the page asks for it: by variant, over seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dagm_transfer.analysis.responses.reading import StoredResponses
from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.contents import Study
from dagm_transfer.report.depths import start_name
from dagm_transfer.report.found.results import Result


@dataclass(frozen=True)
class RespondingVariant:
    """The runs of a variant, with what the stage found of them."""

    name: str
    runs: Sequence[Result]
    stored: StoredResponses

    @property
    def start(self) -> str:
        """What its trunk was before training."""
        return start_name(self.runs[0].begin.params["variant"])

    @property
    def named(self) -> str:
        """Its name, and how many seeds are told of where it is not all of them."""
        count = len(self.each("after", "response", "active"))
        lost = 0 < count < len(self.runs)
        return f"{self.name} ({count} of {len(self.runs)} seeds)" if lost else self.name

    def each(self, when: str, heat: str, metric: str) -> list[float]:
        """The mean over the images, a run; none of one that is not finite or has no image."""
        found = (self.stored.means.get((run.begin.key, when, heat, metric)) for run in self.runs)
        return [value for value in found if value is not None and math.isfinite(value)]

    def mean(self, when: str, heat: str, metric: str) -> float:
        """Over images and seeds; NaN where no run is finite."""
        return finite_mean(self.each(when, heat, metric))

    def better(self, heat: str, metric: str) -> str:
        """On how many of the images, over all seeds, training made a heat map better."""
        pairs = [
            pair
            for run in self.runs
            for pair in zip(
                self.stored.values.get((run.begin.key, "after", heat, metric), []),
                self.stored.values.get((run.begin.key, "before", heat, metric), []),
                strict=True,
            )
        ]
        return f"{sum(after > before for after, before in pairs)} of {len(pairs)}"


def responding(study: Study, stored: StoredResponses) -> list[RespondingVariant]:
    """The compared variants that anything was left of."""
    return [
        RespondingVariant(name, study.results[name], stored)
        for name in study.compared
        if any(run.begin.key in stored.keys for run in study.results[name])
    ]
