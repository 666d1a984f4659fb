"""What a plan holds, in numbers, and whether training can use it: what `dagm check` shows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dagm_transfer.data.bringing.look import Looked, Seen
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.bringing.plan import Found, Plan
from dagm_transfer.data.bringing.trainable import groups_of

Lacking = Callable[[str, int, int], str | None]
Pair = tuple[Found, Seen | None]


@dataclass(frozen=True)
class Row:
    """Images of one group, half and label.

    Attributes:
        group: its name.
        half: `Train`, `Test`, or empty.
        label: `normal`, or the kind of defect, or `defective`.
        images: how many.
        size: in pixels, or the least and largest.
        depth: in bits a pixel.
        marked: how many have which weak label.
        equal: how many equal another in this row.
    """

    group: str
    half: str
    label: str
    images: int
    size: str
    depth: str
    marked: str
    equal: int


def rows_of(plan: Plan, looked: Looked) -> list[Row]:
    """A row for each group, half and label: groups as the plan has them, normal images first."""
    cells: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for pair in zip(plan.found, looked.images, strict=True):
        record = pair[0].record
        label = (record.defect or "defective") if record.defective else "normal"
        cells[record.group, record.half or "", label].append(pair)
    groups = list(dict.fromkeys(group for group, _, _ in cells))

    def place(key: tuple[str, str, str]) -> tuple[int, bool, bool, str]:
        group, half, label = key
        return groups.index(group), half == "Test", label != "normal", label

    return [_row(*key, cells[key], looked.bits) for key in sorted(cells, key=place)]


def lacks_of(plan: Plan, lacking: Lacking) -> list[str]:
    """What its groups lack against the whole release, a line for each that lacks something."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for found in plan.found:
        counts[found.record.group][found.record.defective] += 1
    return [
        f"{shown(group)}: {said}"
        for group, of_it in counts.items()
        if (said := lacking(group, of_it[False], of_it[True]))
    ]


def counts_of(plan: Plan, parts: str) -> str:
    """Everything in one line.

    Args:
        plan: what would be brought in.
        parts: what its groups are called, as a plural.
    """
    records = [found.record for found in plan.found]
    groups = {record.group for record in records}
    halves = {(record.group, record.half) for record in records if record.half}
    counted = [_counted(len(groups), parts)]
    counted += [_counted(len(halves), "halves")] if halves else []
    counted += [_counted(len(records), "images")]
    return f"{', '.join(counted)}, {sum(r.defective for r in records)} of them defective"


def use_of(plan: Plan, looked: Looked) -> list[str]:
    """What training can make of each group, a line for each answer."""
    groups = groups_of(plan, looked)
    usable = [group for group in groups if not group.hindrance()]
    official = [shown(group.name) for group in usable if group.splits_officially()]
    others = [shown(group.name) for group in usable if not group.splits_officially()]
    lines = []
    if official:
        lines.append(f"{', '.join(official)}: can be trained with, by any data.split.kind")
    if others:
        kinds = "data.split.kind holdout or fold; official needs both labels in Train and in Test"
        lines.append(f"{', '.join(others)}: can be trained with, by {kinds}")
    return lines + [
        f"{shown(group.name)}: cannot be trained with: {said}"
        for group in groups
        if (said := group.hindrance())
    ]


def _row(group: str, half: str, label: str, pairs: Sequence[Pair], bits: int) -> Row:
    seen = [each for _, each in pairs if each]
    depths = sorted({bits if each.deep else 8 for each in seen})
    return Row(
        group=group,
        half=half,
        label=label,
        images=len(pairs),
        size=_sizes({(each.width, each.height) for each in seen}),
        depth=" and ".join(map(str, depths)),
        marked=_marked([found for found, _ in pairs]),
        equal=len(seen) - len({each.content for each in seen}),
    )


def _sizes(sizes: set[tuple[int, int]]) -> str:
    """One size, or the least and the largest by area.

    >>> _sizes({(512, 512)}), _sizes({(40, 30), (20, 10)}), _sizes(set())
    ('512x512', '20x10 .. 40x30', '')
    """
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    return " .. ".join(
        f"{width}x{height}" for width, height in dict.fromkeys(ordered[:1] + ordered[-1:])
    )


def _marked(found: Sequence[Found]) -> str:
    """How many have a mask, an ellipse, or nothing; empty for normal images with nothing."""
    ways = Counter(
        "mask" if each.mask else "ellipse" if each.record.ellipse else "none" for each in found
    )
    if set(ways) == {"none"} and not found[0].record.defective:
        return ""
    return ", ".join(f"{way} {number}" for way, number in sorted(ways.items()))


def _counted(number: int, plural: str) -> str:
    """A number with its noun.

    >>> _counted(2, "textures"), _counted(1, "textures"), _counted(1, "halves")
    ('2 textures', '1 texture', '1 half')
    """
    singular = "half" if plural == "halves" else plural.removesuffix("s")
    return f"{number} {singular if number == 1 else plural}"
