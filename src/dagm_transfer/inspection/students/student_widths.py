"""Students: VGGs with a share of the filters of each layer."""

import math

from dagm_transfer.models.vgg16 import PUBLISHED, Widths


def student_widths(divisor: int) -> Widths:
    """The published widths over a divisor, rounded, and at least one channel a layer.

    Kim, Noh and Park (2020) go down to 1/128 of the 4,224 filters, which is 33.

    >>> student_widths(128).convolutions
    (1, 1, 1, 1, 2, 2, 2, 4, 4, 4, 4, 4, 4)
    >>> sum(student_widths(1).convolutions), sum(student_widths(128).convolutions)
    (4224, 34)
    """
    first, second = (_share(width, divisor) for width in PUBLISHED.hidden)
    convolutions = tuple(_share(width, divisor) for width in PUBLISHED.convolutions)
    return Widths(convolutions, (first, second))


def _share(width: int, divisor: int) -> int:
    return max(1, math.floor(width / divisor + 0.5))
