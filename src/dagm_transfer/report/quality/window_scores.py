"""The scores of the windows of judged whole images, read back."""

from pathlib import Path

import numpy as np

from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.prepared import Part
from dagm_transfer.judging.scores import JudgedWindows


def windows_of(path: Path, part: Part) -> dict[str, JudgedWindows]:
    """The windows of each image of a part; none where images are not judged by windows.

    Args:
        path: a run's table of windows.
        part: that they belong to.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for row in read_csv(path):
        if row["part"] == part:
            found.setdefault(row["image"], []).append(row)
    return {
        image: JudgedWindows(
            [(int(row["left"]), int(row["top"])) for row in rows],
            np.array([float(row["score"]) for row in rows]),
        )
        for image, rows in found.items()
    }
