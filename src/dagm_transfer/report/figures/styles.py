"""A colour and a marker for each variant: together they tell lines apart, alone nearly.

The colours are those of Okabe and Ito (2008) and of Paul Tol's `muted` scheme, which colour-blind
readers can tell apart.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple


class Style(NamedTuple):
    """How a variant is drawn."""

    colour: str
    marker: str | tuple[int, int, int]  # see matplotlib.markers


# The variants that the project knows look the same in every figure.
KNOWN = {
    "scratch": Style("#D55E00", "o"),
    "scratch_aug": Style("#E69F00", "s"),
    "finetune": Style("#0072B2", "^"),
    "finetune_edge": Style("#AA3377", (5, 1, 0)),
    "frozen": Style("#56B4E9", "D"),
    "lp_ft": Style("#009E73", "v"),
    "mean_var": Style("#CC79A7", "P"),
    "shuffled": Style("#999933", "X"),
    "he_matched": Style("#332288", "<"),
    "tuned": Style("#000000", "*"),
}
# A user's own share these: each colour with each marker, before any pair comes again.
COLOURS = ("#882255", "#44AA99", "#AA4499", "#117733", "#CC6677", "#661100", "#6699CC")
MARKERS = (">", "p", "d", (4, 1, 0), (3, 1, 0), "h", (6, 1, 0))
FIRST = len(COLOURS)  # slots without a colour or a marker twice


def styles_of(variants: Iterable[str]) -> dict[str, Style]:
    """A style of its own for each variant of a figure.

    A variant that the project does not know has a slot by a hash of its name, so that it looks the
    same in the next report; where two of a figure meet in one slot, the later by name takes the
    next free one.

    Raises:
        ValueError: there are more variants than styles.

    >>> styles_of(["finetune"])
    {'finetune': Style(colour='#0072B2', marker='^')}
    """
    names = list(dict.fromkeys(variants))
    taken: dict[str, int] = {}
    for name in sorted(set(names) - KNOWN.keys()):
        taken[name] = _free_slot(name, set(taken.values()))
    return {name: KNOWN[name] if name in KNOWN else _slot_style(taken[name]) for name in names}


def _free_slot(name: str, taken: set[int]) -> int:
    start = int(hashlib.sha256(name.encode()).hexdigest(), 16) % FIRST
    order: list[int] = [*range(start, FIRST), *range(start), *range(FIRST, FIRST * len(MARKERS))]
    for slot in order:
        if slot not in taken:
            return slot
    raise ValueError(f"{name}: no figure holds more than {len(order)} variants of one's own")


def _slot_style(slot: int) -> Style:
    turns, place = divmod(slot, FIRST)
    return Style(COLOURS[place], MARKERS[(place + turns) % len(MARKERS)])
