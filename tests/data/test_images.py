"""Image files as grey levels."""

import numpy as np
import pytest
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.images import read_pixels


def test_pixels_are_grey_bytes_whatever_the_file_holds(tmp_path):
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 100
    Image.fromarray(red).save(tmp_path / "red.png")
    pixels = read_pixels(tmp_path / "red.png")
    assert (pixels.dtype, pixels.shape) == (np.uint8, (4, 6))
    assert set(pixels.ravel()) == {30}  # 0.299 of red


@pytest.mark.parametrize("kept", [0, 10, 900])
def test_a_torn_image_is_refused_by_name(dagm, kept):
    path = dagm.half(1, "Test", [False]) / "0001.PNG"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match=r"0001\.PNG: not a readable image"):
        read_pixels(path)


def test_an_image_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(UserError, match=r"0001\.PNG: not a readable image"):
        read_pixels(tmp_path / "0001.PNG")
