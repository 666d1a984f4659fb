"""A run as an inspection: what it says of whole images at its threshold, in counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.metrics.detection import Costs
from dagm_transfer.report.html_tables import kinds_of
from dagm_transfer.report.results import Judged, Result

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Tally:
    """How many images there were of either kind, and how many of them were judged wrongly."""

    defects: int
    missed: int
    normals: int
    rejected: int

    def cost(self, costs: Costs) -> float:
        """Of the misses and the false alarms.

        >>> Tally(10, 1, 100, 3).cost(Costs(20, 1))
        23
        """
        return costs.miss * self.missed + costs.false_alarm * self.rejected


@dataclass(frozen=True)
class Inspection:
    """A run with its threshold.

    Attributes:
        run: whose it is.
        test: whole test images: they had no say in anything.
        validated: whole validation images: on them the threshold was set.
        threshold: a score of this or more is rejected.
        costs: that the threshold was set with.
    """

    run: Result
    test: Judged
    validated: Judged
    threshold: float
    costs: Costs


def inspection_of(run: Result) -> Inspection:
    """A run as it judges whole images."""
    prefix = dict(kinds_of({run.begin.variant: [run]}))["image"]
    return Inspection(
        run,
        run.judged["image"],
        run.validated["image"],
        run.metrics[f"{prefix}/threshold"],
        Costs(run.judge.miss_cost, run.judge.false_alarm_cost),
    )


def called_at_threshold(judged: Judged) -> Bools:
    """Whether each image is rejected at the run's threshold."""
    return np.asarray(judged.at_threshold % 2 == 1)


def tally(called: Bools, defective: Bools) -> Tally:
    """Count what was judged wrongly.

    Args:
        called: [N], whether each was rejected.
        defective: [N], the truth.

    >>> tally(np.array([False, True, True]), np.array([True, True, False]))
    Tally(defects=2, missed=1, normals=1, rejected=1)
    """
    return Tally(
        defects=int(defective.sum()),
        missed=int((defective & ~called).sum()),
        normals=int((~defective).sum()),
        rejected=int((~defective & called).sum()),
    )


def tally_of(judged: Judged) -> Tally:
    """Of images at the run's threshold."""
    return tally(called_at_threshold(judged), judged.defective)
