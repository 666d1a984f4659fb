"""What the stage `judge` left of a run, read back: settings, metrics, and each judged image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.prepared import Part
from dagm_transfer.events.log import LogFiles, begin_of, end_of, finished_log
from dagm_transfer.judging.paths import JudgingPaths, judged_keys
from dagm_transfer.judging.scores import Judged, JudgedWindows, Labels
from dagm_transfer.judging.settings import Judge

Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class JudgedRows(Judged):
    """Images of one part and kind, patches or whole ones, as the table of a run has them.

    `at_threshold` are the labels where an image is defective from the run's threshold on.
    """

    at_threshold: Labels


@dataclass(frozen=True)
class Judgement:
    """A run as it was judged.

    Attributes:
        key: the run's.
        groups: names; label `2 * i + 1` is a defect of the i-th.
        images: how many whole images there are of each part, judged or not.
        settings: that it was judged with.
        metrics: the final ones.
        threshold: of whole images, which the settings led to.
        parts: the judged images of a part by kind, `patch` and `image`.
    """

    key: str
    groups: Sequence[str]
    images: Mapping[str, int]
    settings: Judge
    metrics: Mapping[str, float]
    threshold: float
    parts: Mapping[Part, Mapping[str, JudgedRows]]

    def wholes(self, part: Part) -> JudgedRows:
        """The whole images of a part; there may be none."""
        return self.parts[part].get("image", _judged([]))


def read_judgement(key: str, root: Path) -> Judgement:
    """What is known of a judged run below a project's root.

    Raises:
        UserError: it is not judged, or was by an earlier release.
    """
    paths = JudgingPaths(key)
    table = root / paths.table
    if not table.exists():
        keys = ", ".join(judged_keys(root))
        there = f"judged are {keys}" if keys else "`dvc repro` judges the runs"
        raise UserError(f"{table}: not there; {there}")
    events = finished_log(LogFiles.at(root / paths.log))
    begin, metrics = begin_of(events), end_of(events).metrics
    try:
        rows = read_csv(table)
        return Judgement(
            key=key,
            groups=begin.data["groups"],
            images=begin.data["images"],
            settings=Judge.model_validate(begin.params["judge"]),
            metrics=metrics,
            threshold=metrics.get("image/threshold", metrics["test/threshold"]),
            parts={"val": _by_kind(rows, "val"), "test": _by_kind(rows, "test")},
        )
    except (KeyError, ValueError) as error:
        raise UserError(f"{table}: of an earlier release; `dvc repro` judges again") from error


def read_windows(path: Path, part: Part) -> dict[str, JudgedWindows]:
    """The windows of each image of a part; none where images are not judged by windows.

    Args:
        path: a run's table of windows.
        part: that they belong to.
    """
    return {
        image: JudgedWindows(
            [(int(row["left"]), int(row["top"])) for row in rows],
            np.array([float(row["score"]) for row in rows]),
        )
        for image, rows in _grouped(read_csv(path), part, "image").items()
    }


def _by_kind(rows: Sequence[Row], part: Part) -> dict[str, JudgedRows]:
    return {kind: _judged(some) for kind, some in _grouped(rows, part, "kind").items()}


def _grouped(rows: Sequence[Row], part: Part, column: str) -> dict[str, list[Row]]:
    """The rows of a part by what stands in a column."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["part"] == part:
            found.setdefault(row[column], []).append(row)
    return found


def _judged(rows: Sequence[Row]) -> JudgedRows:
    def labels(column: str) -> Labels:
        return np.array([int(row[column]) for row in rows], dtype=np.int64)

    return JudgedRows(
        images=[row["image"] for row in rows],
        labels=labels("label"),
        predicted=labels("judged"),
        at_threshold=labels("judged_at_threshold"),
        scores=np.array([float(row["score"]) for row in rows], dtype=float),
    )
