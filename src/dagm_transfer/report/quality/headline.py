"""The verdict in three numbers, and in a sentence."""

from dataclasses import dataclass

from dagm_transfer.report.quality.inspected import Inspection, tally_of
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
    counts = tally_of(inspection.test)
    found = counts.defects - counts.missed
    said = []
    if counts.defects:
        said.append(
            f"Of {counted(counts.defects, 'defective test image')} {found} {were(found)} found "
            f"({between(found, counts.defects)} with 95 % confidence)."
        )
    if counts.normals:
        said.append(
            f"Of {counted(counts.normals, 'good one')} {counts.rejected} {were(counts.rejected)} "
            f"rejected falsely ({between(counts.rejected, counts.normals)})."
        )
    return " ".join(said)


def numbers(inspection: Inspection) -> list[Number]:
    """Misses, false rejects and what they cost, of the test images."""
    counts, costs = tally_of(inspection.test), inspection.costs
    low, high = cost_between(counts, costs)
    cost = counts.cost(costs)
    return [
        _share("missed defects", counts.missed, counts.defects),
        _share("falsely rejected", counts.rejected, counts.normals),
        Number(
            "cost",
            f"{cost:g}",
            "unit" if cost == 1 else "units",
            f"between {low:.0f} and {high:.0f} on as many other images",
        ),
    ]


def _share(name: str, part: int, total: int) -> Number:
    if not total:
        return Number(name, "0", "of 0", "there is no such image")
    return Number(name, str(part), f"of {total}", between(part, total))
