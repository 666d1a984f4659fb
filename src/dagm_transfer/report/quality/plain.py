"""Numbers as a person says them who is no statistician."""

from dagm_transfer.inspection.thresholds.operating_point import Outcome
from dagm_transfer.metrics.cost_intervals import cost_interval
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import wilson_interval
from dagm_transfer.report.tables.html_tables import DASH, Cell


def share(value: float) -> str:
    """A share in per cent: one decimal below 10 and above 90, where it matters.

    >>> share(0.862), share(0.0312), share(0.9987), share(1.0), share(0.0)
    ('86 %', '3.1 %', '99.9 %', '100 %', '0 %')
    """
    percent = 100 * value
    decimals = 0 if 10 <= round(percent, 1) <= 90 else 1
    return f"{percent:.{decimals}f}".removesuffix(".0") + " %"


def between(part: int, total: int) -> str:
    """Where a share lies, with 95 % confidence (Wilson's interval).

    >>> between(36, 37)
    'between 86 % and 99.5 %'
    """
    low, high = wilson_interval(part, total)
    return f"between {share(low)} and {share(high)}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "image"), counted(0, "image"), counted(2, "false alarm")
    ('1 image', '0 images', '2 false alarms')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def were(number: int) -> str:
    """The verb after a number of images.

    >>> were(1), were(2)
    ('was', 'were')
    """
    return "was" if number == 1 else "were"


def count_cell(part: int, total: int) -> Cell:
    """So many of so many, with the interval of the share below; a dash where there are none."""
    if not total:
        return Cell(DASH)
    low, high = wilson_interval(part, total)
    return Cell(f"{part} of {total}", f"{share(low).removesuffix(' %')} to {share(high)}")


def cost_cell(found: Outcome, costs: Costs) -> Cell:
    """What the errors cost, with the interval below."""
    low, high = cost_between(found, costs)
    return Cell(f"{found.cost:g}", f"{low:.0f} to {high:.0f}")


def cost_between(found: Outcome, costs: Costs) -> tuple[float, float]:
    """What as many other images would cost, with 95 % confidence."""
    return cost_interval(found.misses, found.defects, found.false_alarms, found.normals, costs)
