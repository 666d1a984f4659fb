"""How the threshold on the score follows from validation images, and how that is said."""

from dagm_transfer.core.section import Section
from dagm_transfer.judging.settings import Judge, Limit
from dagm_transfer.metrics.detection import (
    Bools,
    Costs,
    Floats,
    least_cost_threshold,
    limited_threshold,
)


class ThresholdRule(Section):
    """How a threshold was set.

    Attributes:
        false_alarm_limit: share of the normal validation images that may be false alarms; None:
            no limit, but the least cost.
    """

    false_alarm_limit: Limit | None

    def threshold(self, scores: Floats, defective: Bools, costs: Costs) -> float:
        """The threshold that follows from validation images.

        Args:
            scores: [N].
            defective: [N], the truth.
            costs: of a miss and of a false alarm.

        Raises:
            ValueError: there are no scores.
        """
        if self.false_alarm_limit is None:
            return least_cost_threshold(scores, defective, costs)
        return limited_threshold(scores, defective, self.false_alarm_limit)

    @property
    def words(self) -> str:
        """What the threshold is one of.

        >>> ThresholdRule(false_alarm_limit=None).words
        'of least cost on validation'
        >>> ThresholdRule(false_alarm_limit=0.005).words
        'of at most 5 false alarms in 1,000 normal images on validation'
        """
        if self.false_alarm_limit is None:
            return "of least cost on validation"
        alarms = per_thousand(self.false_alarm_limit)
        return f"of at most {alarms} false alarms in 1,000 normal images on validation"


LEAST_COST = ThresholdRule(false_alarm_limit=None)


def rule_of(settings: Judge, kind: str) -> ThresholdRule:
    """The rule for a kind of judged images, `patch` or `image`.

    The limit is one of whole images: nobody counts the false alarms of patches.
    """
    if kind == "patch":
        return LEAST_COST
    return ThresholdRule(false_alarm_limit=settings.false_alarm_limit)


def per_thousand(share: float) -> str:
    """A share of a thousand, as people write it.

    >>> per_thousand(0.0125), per_thousand(0.001)
    ('12.5', '1')
    """
    return f"{1000 * share:.6g}"
