"""How well defects are found: rates, average precision, DAGM's cost, and the threshold on a score.

The score of an image is its log-odds of being defective: the larger, the more likely a defect.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.metrics import average_precision_score

MISS_COST = 20  # of the DAGM 2007 competition
FALSE_ALARM_COST = 1

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Labels = NDArray[np.int64]


def defect_score(logits: Floats) -> Floats:
    """Log-odds of defective: logsumexp over the defective labels less that over the normal ones.

    Labels are `2 * texture_index + defective`. A softmax would saturate and tie.

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
class Detection:
    """What a threshold on the score finds, and what it costs."""

    threshold: float
    defect_tpr: float
    defect_tnr: float
    dagm_cost: float


def judge(scores: Floats, defective: Bools, threshold: float) -> Detection:
    """Rates and cost where an image counts as defective from the threshold on.

    A missed defect costs 20 and a false alarm 1 (DAGM 2007), added over the images. A rate of
    which there are no images is NaN.

    Args:
        scores: [N].
        defective: [N], the truth.
        threshold: on the score.

    >>> found = judge(np.array([-1.0, 2.0, 3.0]), np.array([True, False, True]), 0.0)
    >>> found.defect_tpr, found.defect_tnr, found.dagm_cost
    (0.5, 0.0, 21.0)
    """
    judged = scores >= threshold
    misses = int((defective & ~judged).sum())
    false_alarms = int((~defective & judged).sum())
    defects, normals = int(defective.sum()), int((~defective).sum())
    return Detection(
        threshold=float(threshold),
        defect_tpr=1 - misses / defects if defects else float("nan"),
        defect_tnr=1 - false_alarms / normals if normals else float("nan"),
        dagm_cost=float(MISS_COST * misses + FALSE_ALARM_COST * false_alarms),
    )


def least_cost_threshold(scores: Floats, defective: Bools) -> float:
    """The threshold of least cost: in the middle of the best gap between neighbouring scores.

    Among gaps of equal cost the widest one wins: it leaves the most room on both sides.

    Args:
        scores: [N].
        defective: [N], the truth.

    Raises:
        ValueError: there are no scores.

    >>> least_cost_threshold(np.array([0.0, 1.0, 5.0, 6.0]), np.array([False, False, True, True]))
    3.0
    """
    if scores.size == 0:
        raise ValueError("no scores to set a threshold on")
    levels, places = np.unique(scores, return_inverse=True)
    defects = np.bincount(places, weights=defective, minlength=levels.size)
    normals = np.bincount(places, weights=~defective, minlength=levels.size)
    # Gap i lies below level i: levels before it are judged normal, the others defective.
    misses = np.concatenate([[0], np.cumsum(defects)])
    false_alarms = normals.sum() - np.concatenate([[0], np.cumsum(normals)])
    cost = MISS_COST * misses + FALSE_ALARM_COST * false_alarms
    # Room of 1 on the outer sides; far from zero that is less than the next number.
    lowest = min(levels[0] - 1.0, np.nextafter(levels[0], -np.inf))
    highest = max(levels[-1] + 1.0, np.nextafter(levels[-1], np.inf))
    edges = np.concatenate([[lowest], levels, [highest]])
    best = np.flatnonzero(cost == cost.min())
    gap = best[np.argmax(np.diff(edges)[best])]
    if gap == levels.size:
        return float(highest)
    middle = edges[gap] + (edges[gap + 1] - edges[gap]) / 2
    # Between neighbouring numbers there is no middle: the upper one still parts them.
    return float(middle if middle > edges[gap] else edges[gap + 1])


def average_precision(scores: Floats, defective: Bools) -> float:
    """Area under precision over recall of the defective images; NaN without any.

    >>> round(average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])), 4)
    0.8333
    """
    if not defective.any():
        return float("nan")
    return float(average_precision_score(defective, scores))
