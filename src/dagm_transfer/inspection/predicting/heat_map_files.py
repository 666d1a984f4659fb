"""Heat maps as files: one for each image that was judged, and one that says what colours mean."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.inspection.heat_maps import legend, overlaid
from dagm_transfer.inspection.opened import Opened
from dagm_transfer.inspection.paths import HEAT_MAP
from dagm_transfer.inspection.predicting.image_files import ImageFile
from dagm_transfer.inspection.predicting.predict import Prediction, pixels_of

QUICK = 3  # of zlib's levels: half the time of the usual 6, files a few per cent larger
LEGEND = f"legend{HEAT_MAP}"


@dataclass(frozen=True)
class HeatMapFolder:
    """A folder that heat maps are written to.

    Attributes:
        path: the folder.
        opened: the inspector that judges.
        common: the innermost folder that all images lie below.
        failed: the images whose heat map could not be written, and why.
    """

    path: Path
    opened: Opened
    common: Path
    failed: list[str] = field(default_factory=list)

    def add(self, prediction: Prediction) -> None:
        """Write the heat map of an image that was judged; a failure is kept, and nothing ends."""
        if prediction.verdict is None:
            return
        card, windows = self.opened.card, prediction.verdict.windows
        pixels = pixels_of(self.opened, prediction)
        drawn = overlaid(pixels, windows, size=card.size, threshold=card.thresholds.image)
        try:
            _save(Image.fromarray(drawn), heat_map_path(self.path, prediction.file, self.common))
        except OSError as error:
            self.failed.append(f"{shown(prediction.file.path)} ({error.strerror or error})")


def heat_map_folder(path: Path, opened: Opened, files: Sequence[ImageFile]) -> HeatMapFolder:
    """A folder for the heat maps of these images, with the legend in it.

    Raises:
        UserError: it cannot be written to.
    """
    try:
        _save(legend(opened.card.thresholds.image), path / LEGEND)
    except OSError as error:
        said = error.strerror or error
        raise UserError(f"{shown(path)}: cannot be written to ({said}); name another") from error
    return HeatMapFolder(path, opened, common_folder(files))


def common_folder(files: Sequence[ImageFile]) -> Path:
    """The innermost folder that all of them lie below."""
    return Path(os.path.commonpath([file.place.parent for file in files]))


def heat_map_path(folder: Path, file: ImageFile, common: Path) -> Path:
    """Where an image's heat map lies: as the image does below the common folder, so none collide.

    >>> file = ImageFile(Path("b/1.png"), Path("/a/b/1.png"))
    >>> heat_map_path(Path("maps"), file, Path("/a")).as_posix()
    'maps/b/1.png.heat.png'
    """
    return folder / file.place.parent.relative_to(common) / (file.place.name + HEAT_MAP)


def _save(image: Image.Image, path: Path) -> None:
    with beside(path) as draft:
        image.save(draft, format="PNG", compress_level=QUICK)
