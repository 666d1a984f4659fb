"""The table of predictions: a row for each image as soon as it is judged, whole or absent."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.inspection.paths import UNFINISHED
from dagm_transfer.inspection.predicting.image_files import ImageFile
from dagm_transfer.inspection.predicting.predict import COLUMNS, Prediction

DEVICES = Path("/dev")


class BrokenOffError(Exception):
    """Ctrl-C; `kept` holds the rows until then."""

    def __init__(self, kept: Path, rows: int):
        super().__init__(f"{rows} rows are in {kept}")
        self.kept, self.rows = kept, rows


def check_table(out: Path, files: Iterable[ImageFile]) -> None:
    """See to it before anything is judged that the table has a place.

    Raises:
        UserError: it is a folder, a device, or one of the images.
    """
    if out.is_dir():
        raise UserError(f"{shown(out)}: a folder; name a file with --out")
    if (out.exists() and not out.is_file()) or out.absolute().is_relative_to(DEVICES):
        # A table gets its name by a rename: it would stand in the device's place.
        raise UserError(f"{shown(out)}: a device or a pipe; name a file with --out")
    place = out.resolve()
    if any(file.place == place for file in files):
        raise UserError(f"{shown(out)}: one of the images; name another file with --out")


def write_table(
    out: Path, predictions: Iterable[Prediction], on_row: Callable[[Prediction], None]
) -> None:
    """Write the row of each prediction; no more than one of them is in memory.

    Args:
        out: gets its name when it is whole.
        predictions: in the order of the rows.
        on_row: is given each when its row is written.

    Raises:
        UserError: it cannot be written there.
        BrokenOffError: Ctrl-C. A table of that name stays as it is: what uses it next would take
            some images for all. The rows until then are kept under another name.
    """
    rows = 0
    try:
        with beside(out) as draft:
            try:
                with draft.open("w", encoding="utf-8", newline="") as file:
                    table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                    table.writeheader()
                    for prediction in predictions:
                        table.writerow(prediction.row())
                        rows += 1
                        on_row(prediction)
            except KeyboardInterrupt:
                kept = out.with_stem(out.stem + UNFINISHED)
                draft.replace(kept)
                raise BrokenOffError(kept, rows) from None
    except OSError as error:
        raise UserError(f"{shown(out)}: cannot be written ({error.strerror or error})") from error
