"""An image file as text, as requests to a server carry one."""

import base64
from io import BytesIO

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.data.pixels.decoded import Levels, decode_open


def encoded(content: bytes) -> str:
    """The bytes of a file as base64."""
    return base64.b64encode(content).decode("ascii")


def levels_of_encoded(text: str, name: str) -> Levels:
    """An image at its own depth, read by the rules of files.

    Args:
        text: a whole image file as base64; blanks and line ends are disregarded.
        name: what errors call it.

    Returns:
        Grey levels [H, W], uint8 or uint16.

    Raises:
        UserError: the text is no base64, or what it says is no image that can be read.
    """
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise UserError(f"{name}: not base64 ({reason(error)}); encode the image file") from error
    return decode_open(BytesIO(content), name).grey()
