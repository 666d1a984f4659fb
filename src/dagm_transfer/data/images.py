"""An image file as grey levels."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from dagm_transfer.core.errors import UserError


def read_pixels(path: Path) -> NDArray[np.uint8]:
    """An image as grey bytes [H, W].

    Raises:
        UserError: the file is no image.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("L"))
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise UserError(f"{path}: not a readable image ({error}); bring it again") from error
