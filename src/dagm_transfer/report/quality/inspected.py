"""A run as an inspection: whole images, its threshold, and what both give."""

from dataclasses import dataclass

from dagm_transfer.inspection.thresholds.operating_point import Outcome, outcome
from dagm_transfer.judging.judgement import JudgedRows
from dagm_transfer.judging.threshold_rule import ThresholdRule, rule_of
from dagm_transfer.metrics.detection import Bools, Costs
from dagm_transfer.report.found.results import Result
from dagm_transfer.report.tables.html_tables import kinds_of


@dataclass(frozen=True)
class Inspection:
    """A run with its threshold.

    Attributes:
        run: whose it is.
        test: whole test images: they had no say in anything.
        validated: whole validation images: on them the threshold was set.
        threshold: a score of this or more is rejected.
        rule: by which it was set.
        costs: of a miss and of a false alarm.
    """

    run: Result
    test: JudgedRows
    validated: JudgedRows
    threshold: float
    rule: ThresholdRule
    costs: Costs

    @property
    def tested(self) -> Outcome:
        """What it gives on the test images."""
        return self.at(self.test, self.threshold)

    @property
    def on_validation(self) -> Outcome:
        """What it gives on the validation images."""
        return self.at(self.validated, self.threshold)

    @property
    def called(self) -> Bools:
        """Whether each test image is rejected."""
        return self.test.scores >= self.threshold

    def at(self, judged: JudgedRows, threshold: float) -> Outcome:
        """What another threshold would give on some images."""
        return outcome(judged.scores, judged.defective, threshold, self.costs)


def inspection_of(run: Result) -> Inspection:
    """A run as it judges whole images."""
    prefix = dict(kinds_of({run.begin.variant: [run]}))["image"]
    return Inspection(
        run,
        run.judged["image"],
        run.validated["image"],
        run.metrics[f"{prefix}/threshold"],
        rule_of(run.judge, "image"),
        Costs(run.judge.miss_cost, run.judge.false_alarm_cost),
    )
