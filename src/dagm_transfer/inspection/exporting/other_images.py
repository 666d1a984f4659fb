"""An exported network against the run's own, on images that the run was not judged on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.exporting.agreement import Agreement, Compared, agreement
from dagm_transfer.inspection.exporting.exportable import Bars
from dagm_transfer.inspection.exporting.finished_run import FinishedRun, float32_logits
from dagm_transfer.inspection.opened import Opened
from dagm_transfer.inspection.predicting.image_files import ImageFile, image_files, read_image
from dagm_transfer.inspection.verdict import taken_in
from dagm_transfer.judging.judged_sets import Progress


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
    files = other_images(folder)
    unread: dict[str, str] = {}

    def compared(on_image: Progress) -> Iterator[Compared]:
        logits = float32_logits(run.inspector.network.network, run.card)
        for done, (name, file) in enumerate(files.items(), start=1):
            try:
                pixels = taken_in(read_image(file).levels, run.card).windows.pixels
            except UserError as error:
                unread[name] = str(error)
            else:
                yield Compared(name, logits(pixels), exported.logits(pixels))
            on_image(done, len(files))

    with bars(f"images of {folder.name}") as on_image:
        agreed = agreement(compared(on_image), run.card, exported.card)
    return Elsewhere(folder, agreed, unread)


def other_images(folder: Path) -> dict[str, ImageFile]:
    """Every image below a folder under its name there.

    Raises:
        UserError: there is no such folder, no image in it, or a folder may not be read.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no folder; --verify takes one that holds images")
    return {str(file.path.relative_to(folder)): file for file in image_files([str(folder)])}


def facts_of(elsewhere: Elsewhere) -> dict[str, Any]:
    """What was found, as JSON holds it."""
    from_images = elsewhere.agreed.facts()
    return {"folder": str(elsewhere.folder), **from_images, "unread": dict(elsewhere.unread)}
