"""An exported network against the run's own, on images that the run was not judged on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.folders import walk
from dagm_transfer.data.bringing.tree import IMAGE_SUFFIXES
from dagm_transfer.data.pixels.images import read_picture
from dagm_transfer.inspection.agreement import Agreement, Compared, agreement
from dagm_transfer.inspection.exportable import Bars
from dagm_transfer.inspection.finished_run import FinishedRun, Progress, float32_logits
from dagm_transfer.inspection.opened import Opened
from dagm_transfer.inspection.verdict import taken_in


@dataclass(frozen=True)
class Elsewhere:
    """What came of the images in one folder.

    Attributes:
        folder: as it was named.
        agreed: the run's network in PyTorch against the exported one in ONNX Runtime.
        unread: images that could not be judged, each with the reason.
    """

    folder: Path
    agreed: Agreement
    unread: Mapping[str, str]


def on_other_images(run: FinishedRun, exported: Opened, folder: Path, bars: Bars) -> Elsewhere:
    """Compare the two networks on every image below a folder.

    Args:
        run: whose network is compared with.
        exported: the network that was made of it.
        folder: of images, folders in folders followed.
        bars: show progress.

    Raises:
        UserError: there is no such folder, or no image in it.
    """
    paths = images_below(folder)
    unread: dict[str, str] = {}

    def compared(on_image: Progress) -> Iterator[Compared]:
        logits = float32_logits(run.inspector.network.network, run.card)
        for done, (name, path) in enumerate(paths.items(), start=1):
            try:
                pixels = taken_in(read_picture(path).levels, run.card).pixels
            except UserError as error:
                unread[name] = str(error)
            else:
                yield Compared(name, logits(pixels), exported.logits(pixels))
            on_image(done, len(paths))

    with bars(f"images of {folder.name}") as on_image:
        agreed = agreement(compared(on_image), run.card, exported.card)
    return Elsewhere(folder, agreed, unread)


def images_below(folder: Path) -> dict[str, Path]:
    """Every image below a folder under its name there, sorted.

    Raises:
        UserError: there is no such folder, no image in it, or a folder may not be read.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no folder; --verify takes one that holds images")
    files = sorted(walk(folder, PurePosixPath()).files)
    found = {str(name): path for name, path in files if name.suffix.lower() in IMAGE_SUFFIXES}
    if not found:
        raise UserError(f"{folder}: no images there; --verify takes a folder that holds some")
    return found


def facts_of(elsewhere: Elsewhere) -> dict[str, Any]:
    """What was found, as JSON holds it."""
    from_images = elsewhere.agreed.facts()
    return {"folder": str(elsewhere.folder), **from_images, "unread": dict(elsewhere.unread)}
