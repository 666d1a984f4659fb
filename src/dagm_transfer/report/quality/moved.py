"""What moving the threshold would buy: errors and cost on test as it moves, and on validation."""

import numpy as np

from dagm_transfer.metrics.detection import Costs
from dagm_transfer.report.contents import Drawing
from dagm_transfer.report.figures.thresholds import Course, thresholds_figure
from dagm_transfer.report.quality.inspected import Inspection, tally, tally_of
from dagm_transfer.report.quality.plain import counted
from dagm_transfer.report.results import Judged

AT_LEAST = 1.0  # log-odds of room on either side
CAPTION = (
    "A part is rejected where its score reaches the threshold (the vertical line). To the left "
    "more is rejected: fewer defects are missed, more good parts are lost. Below, the cost for 100 "
    "images as mixed as these. The dashed lines are the validation images, on which the threshold "
    "was set where their cost is least."
)


def course_of(judged: Judged, costs: Costs, span: tuple[float, float]) -> Course:
    """Errors and cost at every threshold that makes a difference within a span."""
    low, high = span
    inside = (judged.scores > low) & (judged.scores < high)
    levels = np.concatenate([[low], np.unique(judged.scores[inside]), [high]])
    # A threshold just above a level is the next interval's: the line steps after its level.
    counts = [tally(judged.scores > level, judged.defective) for level in levels]
    total = max(len(judged.scores), 1)
    return Course(
        thresholds=levels.tolist(),
        missed=[each.missed / max(each.defects, 1) for each in counts],
        rejected=[each.rejected / max(each.normals, 1) for each in counts],
        cost=[100 * each.cost(costs) / total for each in counts],
    )


def span_of(inspection: Inspection) -> tuple[float, float]:
    """From where all defects are found to where no good part is rejected, with room around."""
    told = [inspection.threshold]
    for judged in (inspection.test, inspection.validated):
        if judged.defective.any():
            told.append(float(judged.scores[judged.defective].min()))
        if not judged.defective.all():
            told.append(float(judged.scores[~judged.defective].max()))
    room = max(AT_LEAST, 0.25 * (max(told) - min(told)))
    return min(told) - room, max(told) + room


def moved_drawing(inspection: Inspection) -> Drawing:
    """The figure of errors and cost against the threshold."""
    span = span_of(inspection)
    test, validated = inspection.test, inspection.validated
    counts = tally_of(test)
    return Drawing(
        "thresholds",
        thresholds_figure(
            course_of(test, inspection.costs, span),
            course_of(validated, inspection.costs, span),
            inspection.threshold,
            f"{counted(counts.defects, 'test image')} with a defect, {counts.normals} without",
        ),
        "Missed defects, falsely rejected images and cost against the threshold",
        CAPTION,
    )


def bought(inspection: Inspection) -> list[str]:
    """What either end of moving would buy on the test images, in sentences."""
    test, now = inspection.test, tally_of(inspection.test)
    said = []
    if now.missed:
        lowest = float(test.scores[test.defective].min())
        then = tally(test.scores >= lowest, test.defective)
        said.append(
            f"To miss none of the {counted(now.defects, 'defective test image')} it would have to "
            f"lie at {lowest:.1f} or below: {counted(then.rejected, 'good one')} would be rejected "
            f"instead of {now.rejected}."
        )
    if now.rejected:
        highest = float(test.scores[~test.defective].max())
        then = tally(test.scores > highest, test.defective)
        said.append(
            f"To reject none of the {counted(now.normals, 'good test image')} it would have to lie "
            f"above {highest:.1f}: {counted(then.missed, 'defect')} would be missed instead of "
            f"{now.missed}."
        )
    now_at = f"The threshold lies at {inspection.threshold:.1f}"
    if not said:
        return [f"{now_at}, and no test image is on its wrong side."]
    caution = (
        "A threshold that is chosen after a look at these images does better on them than on the "
        "next ones."
    )
    return [f"{now_at}.", *said, caution]
