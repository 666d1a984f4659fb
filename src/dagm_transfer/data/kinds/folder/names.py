"""What files and folders are called, by what they hold; case and Unicode form do not matter."""

import unicodedata
from pathlib import PurePosixPath

from dagm_transfer.data.bringing.plan import stored_name
from dagm_transfer.data.record import Half

GOOD = frozenset({"good", "ok", "normal", "free"})
HALF_NAMES: dict[str, Half] = {
    "train": "Train", "training": "Train", "test": "Test", "testing": "Test",
    # Validation images are drawn from the training half anew.
    "val": "Train", "valid": "Train", "validation": "Train",
}  # fmt: skip
MASK_FOLDERS = frozenset({"masks", "mask", "ground_truth", "gt", "labels"})
# Beside a folder of masks there often is one of images; it says nothing of its own.
IMAGE_FOLDERS = frozenset({"images", "image", "imgs", "img"})


def key(text: str) -> str:
    """What two names share that mean the same thing.

    >>> key("Good "), key("GOOD") == key("good")
    ('good', True)
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def as_label(text: str) -> str:
    r"""A name as tables, pages and params.yaml can hold it.

    >>> as_label("bolt\n1")
    'bolt%0A1'
    """
    return stored_name(PurePosixPath(unicodedata.normalize("NFC", text))).as_posix()
