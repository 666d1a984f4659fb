"""The verdict in three numbers, and in a sentence."""

from dataclasses import dataclass

from dagm_transfer.report.quality.inspected import Inspection
from dagm_transfer.report.quality.plain import between, cost_between, counted, were


@dataclass(frozen=True)
class Number:
    """What a number is, the number, and where it may lie."""

    name: str
    value: str
    of: str
    interval: str


def headline(inspection: Inspection) -> str:
    """What is found and what is rejected falsely, in a sentence each."""
    counts, said = inspection.tested, []
    found, rejected = counts.found, counts.false_alarms
    if counts.defects:
        said.append(
            f"Of {counted(counts.defects, 'defective test image')} {found} {were(found)} found "
            f"({between(found, counts.defects)} with 95 % confidence)."
        )
    if counts.normals:
        said.append(
            f"Of {counted(counts.normals, 'good one')} {rejected} {were(rejected)} rejected "
            f"falsely ({between(rejected, counts.normals)})."
        )
    return " ".join(said)


def numbers(inspection: Inspection) -> list[Number]:
    """Misses, false rejects and what they cost, of the test images."""
    counts = inspection.tested
    low, high = cost_between(counts, inspection.costs)
    return [
        _share("missed defects", counts.misses, counts.defects),
        _share("falsely rejected", counts.false_alarms, counts.normals),
        Number(
            "cost",
            f"{counts.cost:g}",
            "unit" if counts.cost == 1 else "units",
            f"between {low:.0f} and {high:.0f} on as many other images",
        ),
    ]


def _share(name: str, part: int, total: int) -> Number:
    if not total:
        return Number(name, "0", "of 0", "there is no such image")
    return Number(name, str(part), f"of {total}", between(part, total))
