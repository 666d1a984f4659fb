"""What so many images can promise: the rates that they cannot exclude."""

import math

from dagm_transfer.metrics.intervals import clopper_pearson_upper
from dagm_transfer.report.html_tables import DASH, Cell, Table
from dagm_transfer.report.quality.inspected import Inspection, Tally, tally_of
from dagm_transfer.report.quality.plain import counted, share, were

ASKED = 0.01  # the miss rate that is asked for
CAPTION = (
    "Rates that these images cannot exclude: with 95 % confidence the true rate is no larger "
    "(Clopper and Pearson's exact bound). The threshold was set on the validation images, which "
    "flatters them; the test images had no say."
)


def images_needed(rate: float) -> int:
    """Defective images of which none may be missed to promise fewer misses (rule of three).

    >>> images_needed(0.01)
    300
    """
    return math.ceil(round(3 / rate, 9))


def promise(inspection: Inspection) -> list[str]:
    """In sentences: what validation promises, and what it would take."""
    validated, tested = tally_of(inspection.validated), tally_of(inspection.test)
    needed = (
        f"To promise that fewer than {share(ASKED)} of the defects are missed takes "
        f"{images_needed(ASKED)} defective images of which none is missed "
        f"(3 / {ASKED:g}, the rule of three)."
    )
    return [
        f"Validation: {_said(validated)}",
        f"Test: {_said(tested)}",
        *([_few(validated, tested)] if min(validated.defects, tested.defects) else []),
        needed,
    ]


def promise_table(inspection: Inspection) -> Table:
    """Validation and test images, and the rates that they do not exclude."""
    parts = {"validation": inspection.validated, "test": inspection.test}
    heads = ("not missed more often than", "not rejected more often than")
    return Table(
        [
            ("", "images"),
            *(("with a defect", name) for name in ("missed", heads[0])),
            *(("without", name) for name in ("rejected", heads[1])),
        ],
        [
            [
                Cell(name),
                *_cells(counts.missed, counts.defects),
                *_cells(counts.rejected, counts.normals),
            ]
            for name, counts in ((name, tally_of(judged)) for name, judged in parts.items())
        ],
        CAPTION,
    )


def _cells(errors: int, total: int) -> list[Cell]:
    if not total:
        return [Cell(DASH), Cell(DASH)]
    return [Cell(f"{errors} of {total}"), Cell(share(clopper_pearson_upper(errors, total)))]


def _said(counts: Tally) -> str:
    if not counts.defects:
        return "no image has a defect, so nothing can be promised of misses."
    missed = "none was" if not counts.missed else f"{counts.missed} {were(counts.missed)}"
    limit = clopper_pearson_upper(counts.missed, counts.defects)
    return (
        f"of {counted(counts.defects, 'defective image')} {missed} missed. That does not exclude "
        f"that up to {share(limit)} of all defects are missed."
    )


def _few(validated: Tally, tested: Tally) -> str:
    """Too few to promise what is asked, whatever they say."""
    most = max(validated.defects, tested.defects)
    if (best := clopper_pearson_upper(0, most)) <= ASKED:
        return ""
    return (
        f"These are few: even with none missed, {most} defective images cannot promise a miss rate "
        f"below {share(best)}."
    )
