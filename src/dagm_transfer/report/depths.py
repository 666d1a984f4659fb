"""The depths that numbers are told of, and what trunks begin as."""

from collections.abc import Mapping

ALL = range(1, 14)
LOW, HIGH, LAST = range(1, 8), range(8, 14), range(13, 14)
UP_TO_8 = range(1, 9)

SOURCE = "imagenet"  # the initialisation that is the source trunk itself
DRAWN = {"he", "xavier"}  # those that know nothing of it


def start_name(variant: Mapping[str, object]) -> str:
    """What a variant's trunk is before training.

    >>> [start_name({"init": name}) for name in ("imagenet", "he", "shuffled")]
    ['source trunk', 'fresh trunk (he)', 'control trunk (shuffled)']
    """
    init = variant["init"]
    if init == SOURCE:
        return "source trunk"
    return f"fresh trunk ({init})" if init in DRAWN else f"control trunk ({init})"
