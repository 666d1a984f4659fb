"""How well defects are found: rates, average precision, cost, and the threshold on a score.

The score of an image is its log-odds of being defective: the larger, the more likely a defect.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Labels = NDArray[np.int64]


def defect_score(logits: Floats) -> Floats:
    """Log-odds of defective: logsumexp over the defective labels less that over the normal ones.

    Labels are `2 * group_index + defective`. A softmax would saturate and tie.

    Args:
        logits: [N, labels].

    Returns:
        [N].

    >>> defect_score(np.array([[2.0, 1.0, 2.0, 1.0]])).tolist()
    [-1.0]
    """
    scores: Floats = logsumexp(logits[:, 1::2], axis=1) - logsumexp(logits[:, 0::2], axis=1)
    return scores


@dataclass(frozen=True)
class Costs:
    """What a missed defect and a false alarm cost: 20 and 1 in the DAGM 2007 competition."""

    miss: float
    false_alarm: float


@dataclass(frozen=True)
class Rates:
    """Shares of the defective images that are found, and of the normal ones that are passed.

    A rate of which there are no images is NaN.
    """

    defect_tpr: float
    defect_tnr: float


def rates(judged: Bools, defective: Bools) -> Rates:
    """How many images were judged rightly, of the defective and of the normal ones.

    Args:
        judged: [N], whether each was judged defective.
        defective: [N], the truth.

    >>> rates(np.array([False, True, True]), np.array([True, False, True]))
    Rates(defect_tpr=0.5, defect_tnr=0.0)
    """
    defects, normals = int(defective.sum()), int((~defective).sum())
    found, passed = int((defective & judged).sum()), int((~defective & ~judged).sum())
    return Rates(
        defect_tpr=found / defects if defects else float("nan"),
        defect_tnr=passed / normals if normals else float("nan"),
    )


def cost_of(judged: Bools, defective: Bools, costs: Costs) -> float:
    """What the misses and the false alarms cost, added over the images.

    Args:
        judged: [N], whether each was judged defective.
        defective: [N], the truth.
        costs: of one of each.

    >>> cost_of(np.array([False, True, True]), np.array([True, False, True]), Costs(20, 1))
    21.0
    """
    misses, false_alarms = int((defective & ~judged).sum()), int((~defective & judged).sum())
    return float(costs.miss * misses + costs.false_alarm * false_alarms)


def least_cost_threshold(scores: Floats, defective: Bools, costs: Costs) -> float:
    """The threshold of least cost: in the middle of the best gap between neighbouring scores.

    Among gaps of equal cost the widest one wins: it leaves the most room on both sides.

    Args:
        scores: [N].
        defective: [N], the truth.
        costs: of a miss and of a false alarm.

    Raises:
        ValueError: there are no scores.

    >>> scores, defective = np.array([0.0, 1.0, 5.0, 6.0]), np.array([False, False, True, True])
    >>> least_cost_threshold(scores, defective, Costs(20, 1))
    3.0
    """
    gaps = _gaps(scores, defective)
    cost = costs.miss * gaps.misses + costs.false_alarm * gaps.false_alarms
    best = np.flatnonzero(cost == cost.min())
    return gaps.threshold(int(best[np.argmax(np.diff(gaps.edges)[best])]))


def limited_threshold(scores: Floats, defective: Bools, limit: float) -> float:
    """The lowest threshold at which at most a share of the normal images are false alarms.

    It lies in the middle of its gap between neighbouring scores. Without normal images there is
    none that could be one: it lies below all scores.

    Args:
        scores: [N].
        defective: [N], the truth.
        limit: share of the normal images, from 0 on.

    Raises:
        ValueError: there are no scores.

    >>> scores, defective = np.array([0.0, 1.0, 2.0, 6.0]), np.array([False, False, False, True])
    >>> limited_threshold(scores, defective, 0.0), limited_threshold(scores, defective, 0.4)
    (4.0, 1.5)
    """
    gaps = _gaps(scores, defective)
    # A division rounds a share as the limit was rounded: 0.29 of 100 is 29, where 100 * 0.29 is
    # less. More gaps on, false alarms only become fewer.
    allowed = gaps.false_alarms / max(1.0, gaps.false_alarms[0]) <= limit
    return gaps.threshold(int(np.argmax(allowed)))


@dataclass(frozen=True)
class _Gaps:
    """Where a threshold can lie: gap i below the i-th level of the scores, the last above all.

    `edges` are the levels and an outer end on both sides; `misses` and `false_alarms` are those of
    a threshold in each gap.
    """

    edges: Floats
    misses: Floats
    false_alarms: Floats

    def threshold(self, gap: int) -> float:
        """The middle of a gap; above all levels its outer end."""
        low, high = self.edges[gap], self.edges[gap + 1]
        if gap == self.misses.size - 1:
            return float(high)
        middle = low + (high - low) / 2
        # Between neighbouring numbers there is no middle: the upper one still parts them.
        return float(middle if middle > low else high)


def _gaps(scores: Floats, defective: Bools) -> _Gaps:
    if scores.size == 0:
        raise ValueError("no scores to set a threshold on")
    levels, places = np.unique(scores, return_inverse=True)
    defects = np.bincount(places, weights=defective, minlength=levels.size)
    normals = np.bincount(places, weights=~defective, minlength=levels.size)
    # Levels before a gap are judged normal, the others defective. Room of 1 on the outer sides;
    # far from zero that is less than the next number.
    lowest = min(levels[0] - 1.0, np.nextafter(levels[0], -np.inf))
    highest = max(levels[-1] + 1.0, np.nextafter(levels[-1], np.inf))
    return _Gaps(
        edges=np.concatenate([[lowest], levels, [highest]]),
        misses=np.concatenate([[0], np.cumsum(defects)]),
        false_alarms=normals.sum() - np.concatenate([[0], np.cumsum(normals)]),
    )


def average_precision(scores: Floats, defective: Bools) -> float:
    """Mean precision, weighted by the recall that each score adds; NaN without defective images.

    Images of equal score are taken together, as scikit-learn does, whose import takes longer than
    a judging.

    >>> round(average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])), 4)
    0.8333
    """
    if not defective.any():
        return float("nan")
    _, places = np.unique(-scores, return_inverse=True)
    found = np.bincount(places, weights=defective)
    precision = np.cumsum(found) / np.cumsum(np.bincount(places))
    return float((precision * found).sum() / defective.sum())
