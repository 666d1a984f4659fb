"""The official layout: halves with their Labels.txt and masks, read and refused."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path, PurePosixPath

import pytest
from planned import move, planned, refusal, said, stored

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.kinds.dagm.official import read_flags
from dagm_transfer.data.raw_index import weak_label


def labels_of(half: Path) -> Path:
    return half / "Label" / "Labels.txt"


def test_a_texture_gives_train_then_test_by_number(dagm):
    dagm.half(1, "Test", [False, True])
    dagm.half(1, "Train", [True, False, False], first=3)
    plan = planned(dagm.root)
    found = [(f.record.path.as_posix(), f.record.half, f.record.defective) for f in plan.found]
    assert found == [
        ("Class1/Train/0003.PNG", "Train", True),
        ("Class1/Train/0004.PNG", "Train", False),
        ("Class1/Train/0005.PNG", "Train", False),
        ("Class1/Test/0001.PNG", "Test", False),
        ("Class1/Test/0002.PNG", "Test", True),
    ]
    assert {f.record.group for f in plan.found} == {"texture 1"}
    assert plan.notes == ()


def test_a_defective_image_has_its_mask_and_a_normal_one_none(dagm):
    half = dagm.half(1, "Test", [False, True])
    normal, defective = planned(dagm.root).found
    assert (normal.mask, normal.record.mask) == (None, None)
    assert defective.record.mask == Path("Class1/Test/Label/0002_label.PNG")
    assert defective.mask.origin == half / "Label" / "0002_label.PNG"
    ellipse = weak_label(dagm.root, defective.record).ellipse
    assert (ellipse.x, ellipse.y) == pytest.approx((20, 12))
    assert (ellipse.semi_major, ellipse.semi_minor) == pytest.approx((8, 4), abs=0.3)


def test_one_half_alone_is_a_part_of_a_texture(dagm):
    dagm.half(8, "Test", [True, False])
    plan = planned(dagm.root)
    assert [f.record.half for f in plan.found] == ["Test", "Test"]


def test_listed_images_that_are_absent_are_counted(dagm):
    half = dagm.half(1, "Test", [False, True, False, True])
    for name in ("0001.PNG", "0002.PNG", "Label/0002_label.PNG"):
        (half / name).unlink()
    plan = planned(dagm.root)
    assert stored(plan) == ["Class1/Test/0003.PNG", "Class1/Test/0004.PNG"]
    assert said(plan, "warning") == [
        "dagm/Class1/Test/Label/Labels.txt lists 2 images that are not here, 1 of them defective"
    ]


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("0001.png", "0001_label.PNG"),
        ("0001.Png", "0001_LABEL.png"),
        ("0001.jpg", "0001_label.bmp"),
        ("1.JPEG", "001_label.tiff"),
    ],
)
def test_names_are_known_whatever_their_case_format_and_zeros(dagm, image, mask):
    half = dagm.half(1, "Test", [True])
    (half / "0001.PNG").rename(half / image)
    (half / "Label" / "0001_label.PNG").rename(half / "Label" / mask)
    plan = planned(dagm.root)
    assert stored(plan) == [f"Class1/Test/{image}"]
    assert plan.found[0].record.mask == Path("Class1/Test/Label", mask)
    assert plan.notes == ()


def test_folders_are_known_in_any_case_and_stored_as_the_release_has_them(dagm, tmp_path):
    half = dagm.half(1, "Train", [True])
    move(labels_of(half), half / "Label" / "labels.TXT")
    move(half / "Label", half / "LABEL")
    source = tmp_path / "lower"
    move(half, source / "class1" / "train")
    plan = planned(source)
    assert stored(plan) == ["Class1/Train/0001.PNG"]
    assert plan.found[0].record.mask == Path("Class1/Train/Label/0001_label.PNG")


def with_mark(mark: bytes, encoding: str):
    return lambda text: mark + text.encode(encoding)


@pytest.mark.parametrize(
    "saved",
    [
        with_mark(BOM_UTF8, "utf-8"),
        with_mark(BOM_UTF16_LE, "utf-16-le"),
        with_mark(BOM_UTF16_BE, "utf-16-be"),
        with_mark(b"", "utf-16-le"),
        with_mark(b"", "utf-16-be"),
        lambda text: text.replace("\r\n", "\n").encode(),
        lambda text: text.replace("\r\n", "\r").encode(),
        lambda text: text.replace("\r\n", "\r\n\r\n").encode(),
        lambda text: text.replace("\t", "    ").encode(),
        lambda text: text.removeprefix("1\r\n").encode(),
        lambda text: text.replace("\t\r\n", "\r\n").rstrip().encode(),
    ],
    ids=[
        "UTF-8 marked", "UTF-16 LE marked", "UTF-16 BE marked", "UTF-16 LE", "UTF-16 BE", "LF",
        "CR", "blank lines", "spaces for tabs", "no first line", "no tabs at the ends",
    ],
)  # fmt: skip
def test_labels_are_read_however_an_editor_saved_them(dagm, saved):
    labels = labels_of(dagm.half(1, "Test", [False, True, False]))
    labels.write_bytes(saved(labels.read_bytes().decode()))
    plan = planned(dagm.root)
    assert [found.record.defective for found in plan.found] == [False, True, False]
    assert plan.notes == ()


def test_a_half_without_labels_is_refused(dagm):
    labels_of(dagm.half(1, "Test", [False])).unlink()
    plan = planned(dagm.root)
    assert refusal(plan).startswith("dagm/Class1/Test/Label/Labels.txt: not found")
    assert plan.why == "folder Class1 with Train or Test, as in the official release"


@pytest.mark.parametrize(
    "line",
    [
        "0002",
        "2",
        "0002\tyes\t0002.PNG\t0\t0",
        "0002\t1\t0002.PNG\t0\t0",
        "0002\t0\t0002.PNG\t0\t0002_label.PNG",
        "0002\t0\t0003.PNG\t0\t0",
        "0002\t1\t0002.PNG\t0\t0003_label.PNG",
        "0002\t0\t0002.PNG\t0",
        "٠٠٠٢\t0\t0002.PNG\t0\t0",
    ],
)
def test_a_line_that_cannot_be_understood_is_named_by_its_number(dagm, line):
    labels = labels_of(dagm.half(1, "Test", [False]))
    labels.write_text(f"{labels.read_text()}{line}\n")
    assert refusal(planned(dagm.root)).startswith(
        "dagm/Class1/Test/Label/Labels.txt:3: not `number"
    )


def test_an_image_listed_twice_in_two_ways_is_refused(dagm):
    labels = labels_of(dagm.half(1, "Test", [False, True]))
    labels.write_bytes(labels.read_bytes() + b"0002\t0\t0002.PNG\t0\t0\t\r\n")
    text = refusal(planned(dagm.root))
    assert text.startswith("dagm/Class1/Test/Label/Labels.txt:4: image 2 once more")


@pytest.mark.parametrize("where", [0, 3, 9, 21, 25, 37, 60])
@pytest.mark.parametrize(
    "wrong", [bytes(16), b"\xff" * 16, bytes(range(128, 144)), b"\x00\x07" * 8]
)
def test_wrong_bytes_in_labels_are_refused_with_their_line(dagm, where, wrong):
    labels = labels_of(dagm.half(1, "Test", [False, True, False, False]))
    content = labels.read_bytes()
    damaged = content[:where] + wrong + content[where + 16 :]
    labels.write_bytes(damaged[: len(content)])
    # The first line that is not whole any more.
    line = content[:where].count(b"\n") + 1
    assert refusal(planned(dagm.root)).startswith(f"dagm/Class1/Test/Label/Labels.txt:{line}: not ")


def test_a_long_line_of_anything_is_shown_in_part(dagm):
    labels_of(dagm.half(1, "Test", [False])).write_bytes(b"\x1b[31m" + b"x" * 5000)
    assert len(refusal(planned(dagm.root))) < 250


def test_images_that_labels_do_not_list_are_refused(dagm):
    half = dagm.half(1, "Test", [False, False])
    (half / "0001.PNG").rename(half / "0007.PNG")
    text = refusal(planned(dagm.root))
    assert text.startswith(
        "1 image, not in dagm/Class1/Test/Label/Labels.txt: dagm/Class1/Test/0007.PNG;"
    )


def test_an_empty_labels_txt_lists_no_image(dagm):
    labels_of(dagm.half(1, "Test", [False, False])).write_bytes(b"")
    assert refusal(planned(dagm.root)).startswith("2 images, not in ")


def test_defective_images_without_their_masks_are_refused(dagm):
    half = dagm.half(1, "Test", [True, True])
    (half / "Label" / "0002_label.PNG").unlink()
    text = refusal(planned(dagm.root))
    assert text.startswith("1 mask, missing of images that dagm/Class1/Test/Label/Labels.txt calls")
    assert "dagm/Class1/Test/Label/0002_label.PNG" in text


def test_a_mask_of_a_normal_image_is_warned_of_and_not_used(dagm):
    half = dagm.half(1, "Test", [True, False])
    (half / "Label" / "0002_label.PNG").write_bytes((half / "0002.PNG").read_bytes())
    plan = planned(dagm.root)
    assert [found.mask is not None for found in plan.found] == [True, False]
    (text,) = said(plan, "warning")
    assert text.endswith("calls the images normal: dagm/Class1/Test/Label/0002_label.PNG")


def test_a_mask_without_its_image_is_warned_of(dagm):
    half = dagm.half(1, "Test", [True, False])
    (half / "0001.PNG").unlink()
    plan = planned(dagm.root)
    assert stored(plan) == ["Class1/Test/0002.PNG"]
    assert "1 mask, not used: without an image: dagm/Class1/Test/Label/0001_label.PNG" in said(
        plan, "warning"
    )


def test_masks_alone_are_no_texture(dagm):
    half = dagm.half(1, "Test", [True])
    (half / "0001.PNG").unlink()
    labels_of(half).unlink()
    plan = planned(dagm.root)
    assert plan.found == ()
    assert "no images of DAGM's" in refusal(plan)


def test_two_images_of_one_number_are_refused(dagm):
    half = dagm.half(1, "Test", [False, False])
    (half / "0002.PNG").rename(half / "1.png")
    text = refusal(planned(dagm.root))
    assert text.startswith("dagm/Class1/Test/0001.PNG and dagm/Class1/Test/1.png: two different")


def test_flags_alone_raise_what_the_user_can_mend(tmp_path):
    (tmp_path / "Labels.txt").write_text("1\nnonsense\n")
    with pytest.raises(UserError, match=r"Labels\.txt:2: not `number"):
        read_flags(File(PurePosixPath("Labels.txt"), tmp_path / "Labels.txt"))
