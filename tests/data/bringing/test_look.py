"""What is said of images before they are brought in."""

import re
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from sources import SIZE, Source, noise, png, shape

from dagm_transfer.data.bringing.look import content_of, look
from dagm_transfer.data.ellipse import Ellipse


@pytest.fixture
def source(tmp_path) -> Source:
    """A group that nothing is wrong with, until more is added."""
    return Source(tmp_path / "source").fill()


def test_of_good_images_nothing_is_said(source):
    assert source.said() == []


def test_every_image_is_read_once_and_told_of(source):
    told: list[tuple[int, int]] = []
    looked = look(source.plan(), 2, lambda done, total: told.append((done, total)))
    assert told == [(done, 20) for done in range(1, 21)]
    assert [seen.mask is not None for seen in looked.images] == [False] * 10 + [True] * 10
    first, last = looked.images[0], looked.images[-1]
    assert (first.width, first.height, first.largest) == (SIZE, SIZE, noise(0, 0).max())
    assert (last.mask.width, last.mask.height, last.mask.pixels) == (SIZE, SIZE, 144)


def test_content_is_that_of_the_levels_whatever_file_they_came_in(tmp_path):
    source = Source(tmp_path)
    source.add("a.png", noise(1))
    source.add("a.bmp", noise(1))
    source.add("a.tif", Image.fromarray(noise(1)).convert("RGB"))
    assert {seen.content for seen in source.looked().images} == {content_of(noise(1))}
    assert content_of(noise(1).reshape(20, 80)) != content_of(noise(1))


@pytest.mark.parametrize(("image", "mask", "told"), [(3, 1, 1), (1, 3, 1), (3, 3, 0), (1, 1, 0)])
def test_a_mask_that_does_not_turn_with_its_image_is_warned_of(source, tmp_path, image, mask, told):
    def turned(pixels: np.ndarray, orientation: int) -> bytes:
        path = tmp_path / "turned.png"
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(pixels).save(path, exif=exif)
        return path.read_bytes()

    marks = turned(shape(), mask)
    source.add("bolt/t.png", turned(noise(9), image), defective=True, mask=marks)
    said = [text for text in source.said() if "and its mask not, or the mask alone" in text]
    assert len(said) == told


@pytest.mark.parametrize(("bits", "told"), [(10, 1), (12, 1), (14, 1), (16, 0)])
def test_colour_of_16_bits_that_holds_fewer_is_refused(source, bits, told):
    levels = noise(9, levels=1 << bits).astype(">u2")
    rows = b"".join(b"\0" + row.repeat(3).tobytes() for row in levels)
    head = struct.pack(">IIBBBBB", SIZE, SIZE, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    source.add("bolt/deep.png", b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks)))
    said = [text for text in source.said() if text.startswith("refused: 1 image, of 16 bits a ch")]
    assert len(said) == told


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    kind, body = chunk
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


BROKEN = {
    "empty": b"",
    "cut short": png(noise(1))[:900],
    "a text": b"<html>404</html>",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_an_unreadable_image_is_refused_by_its_name(source, content):
    source.add("bolt/torn.png", content)
    (said,) = source.said()
    assert said.startswith("refused: bolt/torn.png: not a readable image")
    assert str(source.root) not in said  # archives are unpacked to where nobody looks


def test_many_unreadable_files_are_counted(source):
    for number in range(5):
        source.add(f"bolt/t{number}.png", b"")
    source.add("bolt/x.png", noise(99), defective=True, mask=b"torn")
    (said,) = source.said()
    assert said.startswith("refused: bolt/t0.png: not a readable image")
    assert "5 files" in said
    assert "bolt/t1.png, bolt/t2.png, bolt/t3.png and 2 more" in said


def test_masks_of_another_size_are_refused_with_both_sizes(tmp_path):
    source = Source(tmp_path)
    for number in range(5):
        source.add(f"{number}.png", noise(number))
        halved = Image.fromarray(noise(9, number)).resize((20, 20))
        source.add(f"b{number}.png", halved, defective=True, mask=shape())
    (said,) = [each for each in source.said() if each.startswith("refused")]
    assert "5 masks" in said
    assert "masks/b0.png (40x40, its image 20x20)" in said
    assert said.endswith("and 2 more")


def test_an_ellipse_whose_middle_lies_outside_is_refused(source):
    source.add("out.png", noise(1), defective=True, ellipse=Ellipse(41, 7.5, 9, 5, 0.0))
    (said,) = source.said()
    assert said.startswith("refused: 1 image")
    assert "out.png (40x40, the ellipse around 41, 7.5)" in said


def test_a_group_whose_masks_are_all_empty_is_refused(source):
    for number in range(5):
        source.add(f"n{number}.png", noise(3, number), group="nut")
        source.add(f"{number}.png", noise(4, number), group="nut", defective=True, mask=0 * shape())
    (said,) = [each for each in source.said() if each.startswith("refused")]
    assert "nut: 5 of its defective images have a mask, and every mask is empty" in said


@pytest.mark.parametrize("group", ["bolt", "nut"])
def test_equal_images_of_two_labels_are_refused_by_their_names(source, group):
    source.add("again.png", noise(0, 3), group=group, defective=True)
    (said,) = [each for each in source.said() if each.startswith("refused")]
    assert "bolt/03.png = again.png" in said


def test_two_files_for_one_place_are_refused(source):
    source.add("a.tif", noise(50, levels=4096))
    source.add("a.tif.png", noise(51))
    (said,) = [each for each in source.said() if each.startswith("refused")]
    assert "a.tif.png (a.tif and a.tif.png)" in said


def spots(pixels: int) -> np.ndarray:
    mask = np.zeros(SIZE * SIZE, np.uint8)
    mask[:pixels] = 255
    return mask.reshape(SIZE, SIZE)


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (0, "warning: 1 mask, empty; .*: masks/x.png"),
        (99, r"warning: 1 mask, of fewer than 100 pixels; .*: masks/x.png \(99 pixels\)"),
        (100, None),
        (800, None),
        (801, r"warning: 1 mask, over more than half .*: masks/x.png \(50%\)"),
    ],
)
def test_masks_that_can_hardly_be_meant_are_warned_of(source, pixels, said):
    source.add("x.png", noise(1), defective=True, mask=spots(pixels))
    found = source.said()
    assert len(found) == (said is not None)
    assert not found or re.fullmatch(said, found[0])


def test_a_normal_image_whose_mask_marks_something_is_warned_of(source):
    source.add("x.png", noise(1), mask=shape())
    source.add("y.png", noise(2), mask=spots(0))
    (said,) = source.said()
    assert said == "warning: 1 normal image, whose mask marks a defect; the mask is left out: x.png"


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({}, "equal to another of its label"),
        ({"half": "Test"}, "equal to one of the other half"),
    ],
)
def test_equal_images_of_one_label_are_warned_of(source, other, said):
    source.add("x.png", noise(1))
    source.add("y.png", noise(1), **other)
    (found,) = source.said()
    assert found.startswith(f"warning: 1 image, {said}")
    assert found.endswith(": y.png = x.png")


def test_equal_images_of_two_groups_are_warned_of(source):
    source.fill(group="nut").add("y.png", noise(0, 1), group="nut")
    (said,) = source.said()
    assert said.startswith("warning: 1 image, equal to one of another group")
    assert said.endswith(": y.png = bolt/01.png")


def test_small_images_are_warned_of(source):
    source.add("x.png", noise(1, size=31))
    source.add("y.png", noise(1, size=32))
    (said,) = source.said()
    assert said == "warning: 1 image, smaller than 32 pixels a side: x.png"


@pytest.mark.parametrize(
    ("normal", "defective", "said"),
    [
        (10, 9, "9 defective images are few to train and test with"),
        (7, 9, "7 normal and 9 defective images are few"),
        (10, 4, "cannot be trained with: 4 different defective images; 5 are needed"),
        (10, 0, "cannot be trained with: no defective images; a classifier needs both labels"),
        (0, 10, "cannot be trained with: no normal images"),
    ],
)
def test_too_few_images_are_warned_of(tmp_path, normal, defective, said):
    (found,) = Source(tmp_path).fill(normal, defective).said()
    assert found.startswith("warning: bolt")
    assert said in found


def test_equal_images_count_once(tmp_path):
    source = Source(tmp_path).fill(10, 4)
    source.add("x.png", noise(0, 10), defective=True, mask=shape())
    assert any("4 different defective images" in said for said in source.said())


def test_a_deeper_set_is_converted_by_its_largest_level_and_that_is_said(tmp_path):
    source = Source(tmp_path)
    for number in range(20):
        pixels = noise(number, levels=4095)
        pixels[0, 0] = 4000 if number == 7 else 300
        source.add(f"{number:02}.png", pixels.clip(max=4000), defective=number >= 10)
    assert source.looked().bits == 12
    said = "\n".join(source.said())
    assert "warning" not in said
    assert "converted: 20 images, of more than 8 bits" in said
    assert "the largest level of all is 4000, so they have 12 bits" in said
    assert "PNGs of level >> 4 are stored" in said


def test_mixed_depths_are_warned_of(source):
    source.add("deep.png", noise(1, levels=60000))
    said = "\n".join(source.said())
    assert "warning: 1 image, with more than 8 bits a pixel, unlike the others: deep.png" in said


def test_what_reading_passes_over_is_said(source):
    coloured = np.stack([noise(1), noise(2), noise(3)], axis=-1)
    source.add("colour.jpg", Image.fromarray(coloured))
    turned = Image.fromarray(noise(4))
    turned.getexif()[0x0112] = 6
    path = source.root / "turned.jpg"
    turned.save(path, exif=turned.getexif())
    source.add("turned.jpg", path.read_bytes())
    said = "\n".join(source.said())
    assert "converted: 1 image, colour is read as grey: colour.jpg" in said
    assert "converted: 1 image, turned upright" in said
    assert re.search("converted: 1 image, stored as PNG of what was read: turned.jpg", said)


def test_odd_names_are_told(source):
    source.add("a:b?.png", noise(1))
    (said,) = source.said()
    assert said.startswith("converted: 1 name, stored with odd characters percent-encoded")
    assert said.endswith(": a:b?.png")
