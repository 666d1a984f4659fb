"""Text files of labels, however an editor or a spreadsheet saved them."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.bringing.tree import File

SHOWN = 60  # characters of a line that is not understood


def read_lines(file: File) -> list[str]:
    """The lines of a text in UTF-8 or UTF-16, with or without a byte order mark.

    A byte that is no text becomes U+FFFD: whoever understands its line refuses it by its number.
    """
    data = file.origin.read_bytes()
    text = data.decode(_encoding(data), errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def not_understood(file: File, number: int, line: str, expected: str) -> UserError:
    """What to say of a line, counted from 1."""
    more = "..." if len(line) > SHOWN else ""
    return UserError(
        f"{shown(file.name)}:{number}: not {expected}: `{shown(line[:SHOWN])}{more}`; "
        "take the file from the release again"
    )


def twice(file: File, number: int, image: int) -> UserError:
    """What to say of a line that says something else of an image than a line before it."""
    return UserError(
        f"{shown(file.name)}:{number}: image {image} once more, and otherwise; "
        "take the file from the release again"
    )


def not_here(images: int) -> str:
    """How many images a file lists that are absent.

    >>> not_here(1), not_here(384)
    ('1 image that is not here', '384 images that are not here')
    """
    return f"{images} image{' that is' if images == 1 else 's that are'} not here"


def _encoding(data: bytes) -> str:
    if data.startswith(BOM_UTF8):
        return "utf-8"
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16-le" if data.startswith(BOM_UTF16_LE) else "utf-16-be"
    # Without a mark: of digits in UTF-16, every second byte is zero.
    if data[1::2].count(0) > len(data) // 4:
        return "utf-16-le"
    return "utf-16-be" if data[0::2].count(0) > len(data) // 4 else "utf-8"
