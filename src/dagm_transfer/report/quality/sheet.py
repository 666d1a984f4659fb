"""Test images as a contact sheet: each with its heat, its weak label, and how it was judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dagm_transfer.analysis.responses.whole_images import weak_label
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.inspection.heat_maps import overlaid
from dagm_transfer.judging.judgement import read_windows
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import JudgedWindows
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.tiles import Square, tile
from dagm_transfer.report.quality.inspected import Inspection
from dagm_transfer.report.quality.picked import errors_worst_first, found_by_group, nearest_passed

MOST_ERRORS, MOST_FOUND, MOST_PASSED = 24, 12, 8
SAID = {
    (True, False): "missed",
    (False, True): "falsely rejected",
    (True, True): "found",
    (False, False): "passed",
}


@dataclass(frozen=True)
class Tile:
    """One image of the sheet.

    Attributes:
        name: of its picture.
        png: the picture.
        said: what became of it.
        group: its group.
        image: its file below the raw images.
        score: its score, and how far from the threshold that is.
    """

    name: str
    png: bytes
    said: str
    group: str
    image: str
    score: str


@dataclass(frozen=True)
class Sheet:
    """What is shown of the test images.

    Attributes:
        errors: the wrongly judged ones, worst first.
        left_out: how many more there are.
        found: a defect of each group that is found.
        passed: good ones nearest to the threshold.
        heat: whether heat lies over them.
        labelled: whether a weak label is drawn in any.
    """

    errors: Sequence[Tile]
    left_out: int
    found: Sequence[Tile]
    passed: Sequence[Tile]
    heat: bool
    labelled: bool

    @property
    def tiles(self) -> list[Tile]:
        """All of them."""
        return [*self.errors, *self.found, *self.passed]


def sheet_of(inspection: Inspection, study: Study) -> Sheet:
    """Draw the sheet of an inspection's test images."""
    index = {row["image"]: row for row in study.data_of(inspection.run).images("test")}
    windows = read_windows(study.root / JudgingPaths(inspection.run.begin.key).windows, "test")
    groups = study.facts["groups"]
    wrong = errors_worst_first(inspection)
    picked = {
        "error": wrong[:MOST_ERRORS],
        "found": found_by_group(inspection, groups)[:MOST_FOUND],
        "passed": nearest_passed(inspection, MOST_PASSED),
    }
    draw = _Draw(inspection, index, windows, study.raw, study.facts["size"])
    drawn = {
        name: [draw.tile(f"{name}_{number:02d}", at) for number, at in enumerate(places, start=1)]
        for name, places in picked.items()
    }
    shown = {draw.image(place) for places in picked.values() for place in places}
    return Sheet(
        errors=drawn["error"],
        left_out=len(wrong) - len(drawn["error"]),
        found=drawn["found"],
        passed=drawn["passed"],
        heat=bool(windows),
        labelled=any(weak_label(index[image]) for image in shown),
    )


@dataclass(frozen=True)
class _Draw:
    inspection: Inspection
    index: Mapping[str, Mapping[str, str]]
    windows: Mapping[str, JudgedWindows]
    raw: Path
    size: int

    def image(self, place: int) -> str:
        return self.inspection.test.images[place]

    def tile(self, name: str, place: int) -> Tile:
        test, threshold = self.inspection.test, self.inspection.threshold
        image = self.image(place)
        row = self.index[image]
        pixels = read_pixels(self.raw / image)
        judged = self.windows.get(image)
        picture, window = np.stack([pixels] * 3, axis=2), None
        if judged is not None:
            picture = overlaid(pixels, judged, size=self.size, threshold=threshold)
            window = _strongest(judged, self.size)
        score = float(test.scores[place])
        truth, called = bool(test.defective[place]), bool(self.inspection.called[place])
        away = "above" if called else "below"
        return Tile(
            name=name,
            png=tile(picture, weak_label(row), window),
            said=SAID[truth, called],
            group=row["group"],
            image=image,
            score=f"score {score:.1f}, {abs(score - threshold):.1f} {away} the threshold",
        )


def _strongest(judged: JudgedWindows, size: int) -> Square:
    """The window that an image is judged by."""
    left, top = judged.corners[int(judged.scores.argmax())]
    return left, top, size
