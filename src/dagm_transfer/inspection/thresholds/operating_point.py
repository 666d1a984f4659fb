"""What a threshold gives on the whole images that a run was judged on, overall and in each group.

From the tables that the stage `judge` left: nothing here runs a network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.judging.judgement import Judgement, read_judgement
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import Judged
from dagm_transfer.judging.threshold_rule import ThresholdRule
from dagm_transfer.judging.windows import Floats
from dagm_transfer.metrics.detection import Bools, Costs, cost_of
from dagm_transfer.metrics.intervals import wilson_interval

Interval = tuple[float, float]


@dataclass(frozen=True)
class Outcome:
    """What a threshold does to some images: how many defects it finds, how many normals it rejects.

    An interval is Wilson's of 95 %, and None where there is no image of its kind.
    """

    defects: int
    misses: int
    normals: int
    false_alarms: int
    cost: float

    @property
    def found(self) -> int:
        """Defective images that are called so."""
        return self.defects - self.misses

    @property
    def found_interval(self) -> Interval | None:
        """Of the share of defects that is found."""
        return wilson_interval(self.found, self.defects) if self.defects else None

    @property
    def false_alarm_interval(self) -> Interval | None:
        """Of the share of normals that is rejected."""
        return wilson_interval(self.false_alarms, self.normals) if self.normals else None


@dataclass(frozen=True)
class PartOutcome:
    """An outcome over all images of a part, and of each group."""

    overall: Outcome
    groups: Mapping[str, Outcome]


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold, the rule that it was set by on validation, and what it gives."""

    rule: ThresholdRule
    costs: Costs
    threshold: float
    val: PartOutcome
    test: PartOutcome


def operating_point(run: Judgement, rule: ThresholdRule, costs: Costs) -> OperatingPoint:
    """The threshold that a rule sets on validation images, and what it gives there and on test."""
    val, test = run.wholes("val"), run.wholes("test")
    threshold = rule.threshold(val.scores, val.defective, costs)
    return OperatingPoint(
        rule=rule,
        costs=costs,
        threshold=threshold,
        val=part_outcome(val, run.groups, threshold, costs),
        test=part_outcome(test, run.groups, threshold, costs),
    )


def part_outcome(
    images: Judged, groups: Sequence[str], threshold: float, costs: Costs
) -> PartOutcome:
    """What a threshold does to the images of a part."""
    scores, defective, found = images.scores, images.defective, {}
    for place, name in enumerate(groups):
        own = images.labels // 2 == place
        found[name] = outcome(scores[own], defective[own], threshold, costs)
    return PartOutcome(outcome(scores, defective, threshold, costs), found)


def outcome(scores: Floats, defective: Bools, threshold: float, costs: Costs) -> Outcome:
    """What a threshold does to some images.

    Args:
        scores: [N], log-odds of defective.
        defective: [N], the truth.
        threshold: from which score on an image counts as defective.
        costs: of a miss and of a false alarm.

    >>> import numpy as np
    >>> scores, defective = np.array([0.5, -1.0, 2.0, 0.0]), np.array([False, False, True, True])
    >>> outcome(scores, defective, 0.25, Costs(20, 1))
    Outcome(defects=2, misses=1, normals=2, false_alarms=1, cost=21.0)
    """
    judged = scores >= threshold
    return Outcome(
        defects=int(defective.sum()),
        misses=int((defective & ~judged).sum()),
        normals=int((~defective).sum()),
        false_alarms=int((~defective & judged).sum()),
        cost=cost_of(judged, defective, costs),
    )


def read_judged_run(key: str, root: Path) -> Judgement:
    """A judged run below a project's root, with whole images to set a threshold on.

    Raises:
        UserError: it is not there, is of an earlier release, or has no such image.
    """
    run = read_judgement(key, root)
    if not run.wholes("val").images:
        table = root / JudgingPaths(key).table
        raise UserError(f"{table}: has no whole validation image to set a threshold on")
    return run
