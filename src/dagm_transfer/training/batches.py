"""Which images make up the batch of an iteration: a function of seed and iteration, of no past.

A killed run therefore goes on with the batches that it would have drawn.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass
class Batches:
    """Batches that take from groups of rows in turn, each group reshuffled when it is used up.

    With one group for each label the labels come up evenly; with a single group of all rows every
    row comes up once an epoch.

    Args:
        groups: rows to draw from.
        batch_size: rows a batch.
        seed: of the drawing.
    """

    groups: list[Rows]
    batch_size: int
    seed: int
    _orders: dict[tuple[int, int], Rows] = field(init=False, default_factory=dict)

    def rows(self, iteration: int) -> Rows:
        """The rows of the batch of one iteration, counted from 0.

        >>> groups = [np.array([0, 1]), np.array([2])]
        >>> Batches(groups, batch_size=4, seed=0).rows(0)[1::2].tolist()
        [2, 2]
        """
        first = iteration * self.batch_size
        return np.array([self._row(first + i) for i in range(self.batch_size)])

    def _row(self, draw: int) -> int:
        turn, group = divmod(draw, len(self.groups))
        rows = self.groups[group]
        epoch, place = divmod(turn, len(rows))
        return int(rows[self._order(group, epoch)[place]])

    def _order(self, group: int, epoch: int) -> Rows:
        if (group, epoch) not in self._orders:
            # Only a group's latest order is kept: draws go forward.
            self._orders.pop((group, epoch - 1), None)
            random = np.random.default_rng([self.seed, group, epoch])
            self._orders[group, epoch] = random.permutation(len(self.groups[group]))
        return self._orders[group, epoch]


def groups_by_label(labels: NDArray[np.int64]) -> list[Rows]:
    """The rows of each label that occurs, [N] to a list."""
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]


def spread_subset(labels: NDArray[np.int64], count: int) -> Rows:
    """At most `count` rows (but one a label), as many of each label, spread evenly over its rows.

    The patches of an image lie one after the other: the first rows would be of few images.

    >>> spread_subset(np.array([0, 0, 0, 0, 1, 1, 1, 1]), 4).tolist()
    [0, 2, 4, 6]
    """
    groups = groups_by_label(labels)
    each = max(1, count // len(groups))
    taken = [group[np.arange(min(each, len(group))) * len(group) // min(each, len(group))]
             for group in groups]  # fmt: skip
    return np.sort(np.concatenate(taken))
