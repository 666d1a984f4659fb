"""Validation and test images judged alike, and what follows: the threshold, its cost, metrics."""

from collections.abc import Callable
from dataclasses import dataclass

from dagm_transfer.data.prepared import Part
from dagm_transfer.judging.scores import Judged, detection_metrics
from dagm_transfer.metrics.detection import Costs, cost_of, least_cost_threshold


@dataclass(frozen=True)
class JudgedSet:
    """Validation and test images judged alike, and the threshold of least cost on the former."""

    kind: str
    val: Judged
    test: Judged
    threshold: float

    def parts(self) -> list[tuple[Part, Judged]]:
        """Both parts by name."""
        return [("val", self.val), ("test", self.test)]

    def metrics(self, prefix: str, costs: Costs) -> dict[str, float]:
        """The detection metrics of the test images under `prefix/`."""
        return detection_metrics(prefix, self.test, self.threshold, costs)

    def validation_cost(self, costs: Costs) -> float:
        """What the validation images cost at the threshold."""
        return cost_of(self.val.scores >= self.threshold, self.val.defective, costs)


def judged_set(kind: str, judge_part: Callable[[Part], Judged], costs: Costs) -> JudgedSet:
    """Judge both parts, and set the threshold on validation.

    Args:
        kind: of what is judged: `image`, or `patch`.
        judge_part: judges one part.
        costs: of a miss and of a false alarm.
    """
    val, test = judge_part("val"), judge_part("test")
    return JudgedSet(kind, val, test, least_cost_threshold(val.scores, val.defective, costs))
