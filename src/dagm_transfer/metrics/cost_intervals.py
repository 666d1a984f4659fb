"""95 % interval of what errors cost: of a weighted sum of two independent shares."""

import math

from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import wilson_interval


def cost_interval(
    misses: int, defects: int, false_alarms: int, normals: int, costs: Costs
) -> tuple[float, float]:
    """The cost that as many other images of the same kinds would have, from the least to the most.

    Wilson's intervals of both rates, put together by their distances from the rates (Zou and Donner
    2008, MOVER): unlike a bootstrap it has a width where there were no errors.

    Args:
        misses: defective images that were missed, of `defects`.
        defects: may be none.
        false_alarms: normal images that were rejected, of `normals`.
        normals: may be none.
        costs: of one of each.

    >>> low, high = cost_interval(1, 10, 2, 100, Costs(20, 1))
    >>> round(low, 1), round(high, 1)
    (5.5, 83.0)
    """
    below = above = 0.0
    for errors, total, each in (
        (misses, defects, costs.miss),
        (false_alarms, normals, costs.false_alarm),
    ):
        if total:
            low, high = wilson_interval(errors, total)
            below += (each * (errors - total * low)) ** 2
            above += (each * (total * high - errors)) ** 2
    cost = costs.miss * misses + costs.false_alarm * false_alarms
    return cost - math.sqrt(below), cost + math.sqrt(above)
