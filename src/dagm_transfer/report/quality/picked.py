"""Which images are shown: the errors worst first, what is found, and what nearly is rejected."""

from collections.abc import Sequence

import numpy as np

from dagm_transfer.report.quality.inspected import Inspection


def errors_worst_first(inspection: Inspection) -> list[int]:
    """Places of the wrongly judged test images: misses before false alarms, farthest off first."""
    test = inspection.test
    wrong = np.flatnonzero(inspection.called != test.defective)
    off = np.abs(test.scores - inspection.threshold)
    return sorted(wrong.tolist(), key=lambda place: (not test.defective[place], -off[place]))


def found_by_group(inspection: Inspection, groups: Sequence[str]) -> list[int]:
    """Of each group the found defect with the middle score: neither its best nor its worst."""
    test = inspection.test
    found = test.defective & inspection.called
    places = []
    for group in range(len(groups)):
        own = np.flatnonzero(found & (test.labels // 2 == group))
        ranked = own[np.argsort(test.scores[own], kind="stable")]
        places += ranked[(len(ranked) - 1) // 2 :][:1].tolist()
    return places


def nearest_passed(inspection: Inspection, most: int) -> list[int]:
    """The good test images that pass with the highest scores, the highest first."""
    test = inspection.test
    passed = np.flatnonzero(~test.defective & ~inspection.called)
    ranked = passed[np.argsort(-test.scores[passed], kind="stable")]
    return [int(place) for place in ranked[:most]]
