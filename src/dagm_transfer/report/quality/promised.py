"""What so many images can promise: the rates that they cannot exclude."""

from dagm_transfer.inspection.thresholds.operating_point import Outcome
from dagm_transfer.metrics.intervals import images_to_exclude, largest_rate
from dagm_transfer.report.quality.inspected import Inspection
from dagm_transfer.report.quality.plain import counted, share, were
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table

ASKED = 0.01  # the miss rate that is asked for
LIMIT = "at most"
CAPTION = (
    "What was counted, and the rates that these images cannot exclude: with 95 % confidence the "
    "true rate is at most that (Clopper and Pearson's exact bound). The threshold was set on the "
    "validation images, which flatters them; the test images had no say."
)


def promised(inspection: Inspection) -> list[str]:
    """In sentences: what validation and test promise, and what it would take."""
    validated, tested = inspection.on_validation, inspection.tested
    most = max(validated.defects, tested.defects)
    said = [f"Validation: {_said(validated)}", f"Test: {_said(tested)}"]
    if most and (best := largest_rate(0, most)) > ASKED:
        said.append(
            f"These are few: even with none missed, {most} defective images cannot promise a miss "
            f"rate below {share(best)}."
        )
    said.append(
        f"To promise that fewer than {share(ASKED)} of the defects are missed takes "
        f"{images_to_exclude(ASKED)} defective images of which none is missed (by the rule of "
        f"three about 3 / {ASKED:g} = {3 / ASKED:.0f})."
    )
    return said


def promise_table(inspection: Inspection) -> Table:
    """Validation and test images, and the rates that they do not exclude."""
    parts = {"validation": inspection.on_validation, "test": inspection.tested}
    return Table(
        [
            ("", "images"),
            *(("with a defect", name) for name in ("missed", LIMIT)),
            *(("without one", name) for name in ("rejected", LIMIT)),
        ],
        [
            [
                Cell(name),
                *_cells(found.misses, found.defects),
                *_cells(found.false_alarms, found.normals),
            ]
            for name, found in parts.items()
        ],
        CAPTION,
    )


def _cells(errors: int, total: int) -> list[Cell]:
    if not total:
        return [Cell(DASH), Cell(DASH)]
    return [Cell(f"{errors} of {total}"), Cell(share(largest_rate(errors, total)))]


def _said(found: Outcome) -> str:
    if not found.defects:
        return "no image has a defect, so nothing can be promised of misses."
    missed = "none was" if not found.misses else f"{found.misses} {were(found.misses)}"
    limit = largest_rate(found.misses, found.defects)
    return (
        f"of {counted(found.defects, 'defective image')} {missed} missed. That does not exclude "
        f"that up to {share(limit)} of all defects are missed."
    )
