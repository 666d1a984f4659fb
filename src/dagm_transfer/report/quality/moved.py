"""What moving the threshold would buy: errors and cost on test as it moves, and on validation."""

import numpy as np

from dagm_transfer.judging.judgement import JudgedRows
from dagm_transfer.report.contents import Drawing
from dagm_transfer.report.figures.thresholds import Course, thresholds_figure
from dagm_transfer.report.quality.inspected import Inspection
from dagm_transfer.report.quality.plain import counted

AT_LEAST = 1.0  # log-odds of room on either side
CAPTION = (
    "An image is rejected where its score reaches the threshold (the vertical line). To the left "
    "more is rejected: fewer defects are missed, more good images are lost. Below, the cost of 100 "
    "images as mixed as these. The dashed lines are the validation images: the threshold is that "
    "{}."
)


def course_of(inspection: Inspection, judged: JudgedRows, span: tuple[float, float]) -> Course:
    """Errors and cost at every threshold that makes a difference within a span."""
    low, high = span
    inside = (judged.scores > low) & (judged.scores < high)
    levels = np.concatenate([[low], np.unique(judged.scores[inside]), [high]])
    # Between two levels nothing changes: what holds just above the lower one.
    counts = [inspection.at(judged, np.nextafter(level, np.inf)) for level in levels]
    return Course(
        thresholds=levels.tolist(),
        missed=[each.misses / max(each.defects, 1) for each in counts],
        rejected=[each.false_alarms / max(each.normals, 1) for each in counts],
        cost=[100 * each.cost / max(len(judged.scores), 1) for each in counts],
    )


def span_of(inspection: Inspection) -> tuple[float, float]:
    """From where all defects are found to where no good part is rejected, with room around."""
    ends = [inspection.threshold]
    for judged in (inspection.test, inspection.validated):
        if judged.defective.any():
            ends.append(float(judged.scores[judged.defective].min()))
        if not judged.defective.all():
            ends.append(float(judged.scores[~judged.defective].max()))
    room = max(AT_LEAST, 0.25 * (max(ends) - min(ends)))
    return min(ends) - room, max(ends) + room


def moved_drawing(inspection: Inspection) -> Drawing:
    """The figure of errors and cost against the threshold."""
    span = span_of(inspection)
    test, validated = inspection.test, inspection.validated
    counts = inspection.tested
    return Drawing(
        "thresholds",
        thresholds_figure(
            course_of(inspection, test, span),
            course_of(inspection, validated, span),
            inspection.threshold,
            f"{counted(counts.defects, 'test image')} with a defect, {counts.normals} without",
        ),
        "Missed defects, falsely rejected images and cost against the threshold",
        CAPTION.format(inspection.rule.words),
    )


def bought(inspection: Inspection) -> list[str]:
    """What either end of moving would buy on the test images, in sentences."""
    test, now = inspection.test, inspection.tested
    said = []
    if now.misses:
        lowest = float(test.scores[test.defective].min())
        then = inspection.at(test, lowest)
        said.append(
            f"To miss none of the {counted(now.defects, 'defective test image')} it would have to "
            f"lie at {lowest:.1f} or below: {counted(then.false_alarms, 'good one')} would be "
            f"rejected instead of {now.false_alarms}."
        )
    if now.false_alarms:
        highest = float(test.scores[~test.defective].max())
        then = inspection.at(test, np.nextafter(highest, np.inf))
        said.append(
            f"To reject none of the {counted(now.normals, 'good test image')} it would have to lie "
            f"above {highest:.1f}: {counted(then.misses, 'defect')} would be missed instead of "
            f"{now.misses}."
        )
    now_at = f"The threshold lies at {inspection.threshold:.2f}"
    if not said:
        return [f"{now_at}, and no test image is on its wrong side."]
    caution = (
        "A threshold that is chosen after a look at these images does better on them than on the "
        "next ones."
    )
    return [f"{now_at}.", *said, caution]
