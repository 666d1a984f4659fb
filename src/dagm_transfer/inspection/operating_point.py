"""What a threshold gives on the whole images that a run was judged on, overall and in each group.

From the tables that the stage `judge` left: nothing here runs a network.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.events.log import LogFiles, begin_of, end_of, finished_log
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import Labels
from dagm_transfer.judging.settings import Judge
from dagm_transfer.judging.threshold_rule import ThresholdRule
from dagm_transfer.judging.windows import Floats
from dagm_transfer.metrics.detection import Bools, Costs, cost_of
from dagm_transfer.metrics.intervals import wilson_interval

Interval = tuple[float, float]


@dataclass(frozen=True)
class Scored:
    """Whole images of one part as they were judged: labels [N], log-odds of defective [N]."""

    labels: Labels
    scores: Floats

    @property
    def defective(self) -> Bools:
        """The truth."""
        return np.asarray(self.labels % 2 == 1)

    def of_group(self, group: int) -> "Scored":
        """The images of the group of this number."""
        chosen = self.labels // 2 == group
        return Scored(self.labels[chosen], self.scores[chosen])


@dataclass(frozen=True)
class JudgedRun:
    """What is known of a run that was judged.

    Attributes:
        key: the run's.
        groups: names; label `2 * i + 1` is a defect of the i-th.
        val: the whole validation images.
        test: the whole test images.
        images: how many whole images there are of each part, judged or not.
        judge: the settings that it was judged with.
        threshold: that it was judged with.
    """

    key: str
    groups: Sequence[str]
    val: Scored
    test: Scored
    images: Mapping[str, int]
    judge: Judge
    threshold: float


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


def operating_point(run: JudgedRun, rule: ThresholdRule, costs: Costs) -> OperatingPoint:
    """The threshold that a rule sets on validation images, and what it gives there and on test."""
    threshold = rule.threshold(run.val.scores, run.val.defective, costs)
    return OperatingPoint(
        rule=rule,
        costs=costs,
        threshold=threshold,
        val=part_outcome(run.val, run.groups, threshold, costs),
        test=part_outcome(run.test, run.groups, threshold, costs),
    )


def part_outcome(
    images: Scored, groups: Sequence[str], threshold: float, costs: Costs
) -> PartOutcome:
    """What a threshold does to the images of a part."""
    return PartOutcome(
        overall=outcome(images, threshold, costs),
        groups={
            name: outcome(images.of_group(place), threshold, costs)
            for place, name in enumerate(groups)
        },
    )


def outcome(images: Scored, threshold: float, costs: Costs) -> Outcome:
    """What a threshold does to some images.

    >>> images = Scored(np.array([0, 0, 1, 1]), np.array([0.5, -1.0, 2.0, 0.0]))
    >>> outcome(images, 0.25, Costs(20, 1))
    Outcome(defects=2, misses=1, normals=2, false_alarms=1, cost=21.0)
    """
    judged, defective = images.scores >= threshold, images.defective
    return Outcome(
        defects=int(defective.sum()),
        misses=int((defective & ~judged).sum()),
        normals=int((~defective).sum()),
        false_alarms=int((~defective & judged).sum()),
        cost=cost_of(judged, defective, costs),
    )


def read_judged_run(key: str, root: Path) -> JudgedRun:
    """A judged run below a project's root.

    Raises:
        UserError: it is not there, is of an earlier release, or has no image to set a threshold on.
    """
    paths = JudgingPaths(key)
    table = root / paths.table
    if not table.exists():
        raise UserError(f"{table}: not there; {_judged_keys(table.parent)}")
    told = finished_log(LogFiles.at(root / paths.log))
    begin, metrics = begin_of(told), end_of(told).metrics
    try:
        rows = [row for row in read_csv(table) if row["kind"] == "image"]
        val, test = (_scored(row for row in rows if row["part"] == p) for p in ("val", "test"))
        run = JudgedRun(
            key=key,
            groups=begin.data["groups"],
            val=val,
            test=test,
            images=begin.data["images"],
            judge=Judge.model_validate(begin.params["judge"]),
            threshold=metrics.get("image/threshold", metrics["test/threshold"]),
        )
    except (KeyError, ValueError) as error:
        raise UserError(f"{table}: of an earlier release; `dvc repro` judges again") from error
    if val.scores.size == 0:
        raise UserError(f"{table}: has no whole validation image to set a threshold on")
    return run


def _scored(rows: Iterable[Mapping[str, str]]) -> Scored:
    chosen = list(rows)
    return Scored(
        np.array([int(row["label"]) for row in chosen], dtype=np.int64),
        np.array([float(row["score"]) for row in chosen], dtype=float),
    )


def _judged_keys(folder: Path) -> str:
    """Which runs there are to choose from."""
    keys = sorted(path.stem for path in folder.glob("*.csv") if not path.stem.endswith("-windows"))
    return f"judged are {', '.join(keys)}" if keys else "`dvc repro` judges the runs"
