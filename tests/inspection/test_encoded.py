"""An image as base64 text is read by the rules of files."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.images import read_picture
from dagm_transfer.inspection.encoded import encoded, levels_of_encoded


def turned_jpeg() -> bytes:
    exif = Image.Exif()
    exif[274] = 6  # the orientation: to be turned by a quarter
    file = io.BytesIO()
    ramp = np.linspace(0, 255, 30 * 20 * 3).astype(np.uint8).reshape(30, 20, 3)
    Image.fromarray(ramp).save(file, "JPEG", exif=exif)
    return file.getvalue()


def deep_png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("make", [turned_jpeg, deep_png])
def test_text_and_file_give_the_same_levels(tmp_path, make):
    path = tmp_path / "image"
    path.write_bytes(make())
    expected = read_picture(path).levels
    assert expected.shape == (20, 30)
    found = levels_of_encoded(encoded(path.read_bytes()), "row 1")
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Zm9v!", "not base64"),
        ("Zm9", "not base64"),
        ("größe", "not base64"),
        ("", "it is empty"),
        (encoded(b"a text"), "its content is none of PNG"),
        (encoded(deep_png()[:100]), "not a readable image"),
    ],
)
def test_what_is_no_image_is_one_line_that_names_it(text, said):
    with pytest.raises(UserError, match=f"^row 7: .*{said}") as error:
        levels_of_encoded(text, "row 7")
    assert "\n" not in str(error.value)


def test_encoded_is_base64():
    assert base64.b64decode(encoded(b"\x00\xff")) == b"\x00\xff"
