"""Students: VGGs with a share of the filters of each layer."""

import math

from dagm_transfer.models.vgg16 import CONVOLUTIONS, PUBLISHED, HeadKind, Widths

KERNEL = 9  # weights of a filter, an input channel
COLOURS = 3


def student_widths(divisor: int) -> Widths:
    """The published widths over a divisor, rounded, and at least one channel a layer.

    Kim, Noh and Park (2020) go down to 1/128 of the 4,224 filters, which is 33.

    >>> student_widths(128).convolutions
    (1, 1, 1, 1, 2, 2, 2, 4, 4, 4, 4, 4, 4)
    >>> filters(student_widths(1)), filters(student_widths(128))
    (4224, 34)
    """
    first, second = (_share(width, divisor) for width in PUBLISHED.hidden)
    convolutions = tuple(_share(width, divisor) for width in PUBLISHED.convolutions)
    return Widths(convolutions, (first, second))


def filters(widths: Widths) -> int:
    """Output channels of all convolutions together."""
    return sum(widths.convolutions)


def parameters(widths: Widths, labels: int, head: HeadKind, size: int) -> int:
    """Weights and biases of the whole network.

    >>> parameters(PUBLISHED, 12, "gap", 64)
    14720844
    """
    trunk = sum(KERNEL * taken * given + given for taken, given, _ in _layers(widths, size))
    return trunk + sum(
        taken * given + given for taken, given in _linear(widths, labels, head, size)
    )


def multiply_adds(widths: Widths, labels: int, head: HeadKind, size: int) -> int:
    """Multiplications with an addition each, for one input of [size, size] pixels.

    >>> round(multiply_adds(PUBLISHED, 1000, "fc", 224) / 1e9, 1)
    15.5
    """
    trunk = sum(KERNEL * taken * given * side**2 for taken, given, side in _layers(widths, size))
    return trunk + sum(taken * given for taken, given in _linear(widths, labels, head, size))


def _share(width: int, divisor: int) -> int:
    return max(1, math.floor(width / divisor + 0.5))


def _layers(widths: Widths, size: int) -> list[tuple[int, int, int]]:
    """Of each convolution: channels in, channels out, height and width of its output."""
    sides = [size // 2**block for block, count in enumerate(CONVOLUTIONS) for _ in range(count)]
    given = widths.convolutions
    return list(zip((COLOURS, *given[:-1]), given, sides, strict=True))


def _linear(widths: Widths, labels: int, head: HeadKind, size: int) -> list[tuple[int, int]]:
    """Of each linear layer: numbers in, numbers out."""
    channels, (first, second) = widths.convolutions[-1], widths.hidden
    if head == "gap":
        return [(channels, labels)]
    side = size // 2 ** len(CONVOLUTIONS)
    return [(channels * side * side, first), (first, second), (second, labels)]
