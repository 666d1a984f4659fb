"""The older layout: normal and defective images apart, ellipses in text files."""

from pathlib import Path

import numpy as np
import pytest
from planned import move, planned, refusal, said, stored

from dagm_transfer.data.ellipse import Ellipse

LINES, TABLE = "Class1_def/labels.txt", "def_1.csv"


@pytest.fixture
def older(dagm):
    """Texture 1 with a normal image and so many defective ones."""

    def write(defective: int = 1, labels: str = "txt") -> Path:
        dagm.older(1, normal=1, defective=defective, labels=labels)
        return dagm.root

    return write


@pytest.mark.parametrize("labels", ["txt", "csv"])
@pytest.mark.parametrize("padded", [False, True])
def test_normal_images_come_before_defective_ones_by_number(dagm, labels, padded):
    dagm.older(2, normal=11, defective=10, labels=labels, padded=padded)
    plan = planned(dagm.root)
    name = "{:04d}.png" if padded else "{}.png"
    assert stored(plan) == [
        *("Class2/" + name.format(n) for n in range(1, 12)),
        *("Class2_def/" + name.format(n) for n in range(1, 11)),
    ]
    assert [f.record.defective for f in plan.found] == [False] * 11 + [True] * 10
    assert {(f.record.half, f.record.group, f.mask) for f in plan.found} == {
        (None, "texture 2", None)
    }
    ellipses = [f.record.ellipse for f in plan.found]
    assert ellipses == [None] * 11 + [Ellipse(10 + n, 20, 9, 5, 0.5) for n in range(1, 11)]
    assert plan.why == "folders Class2, Class2_def of numbered images, as in the older release"
    assert plan.notes == ()


@pytest.mark.parametrize(
    ("labels", "change"),
    [
        ("csv", lambda text: text.replace("1.png", "0001.png")),
        ("csv", lambda text: text.replace("1.png", "Class1_def/1.png")),
        ("csv", lambda text: text.replace(",", ", ")),
        ("csv", lambda text: "\ufeff" + text.replace("\n", "\r\n\r\n")),
        ("csv", lambda text: text.replace("filename,class", "filename,by,class").replace(
            "1.png,", "1.png,me,")),
        ("txt", lambda text: text.replace("\t", "  ")),
        ("txt", lambda text: "\ufeff" + text.replace("\n", "\r\n\r\n")),
        ("txt", lambda text: text.replace("1\t", "1.0000e+00\t").replace("9.0", "+9.0e0")),
    ],
    ids=[
        "padded", "folders", "spaces", "marked table", "columns", "blanks", "marked", "exponents",
    ],
)  # fmt: skip
def test_ellipses_are_read_however_they_are_written(older, labels, change):
    root = older(labels=labels)
    path = root / (TABLE if labels == "csv" else LINES)
    path.write_bytes(change(path.read_text()).encode())
    plan = planned(root)
    assert plan.found[1].record.ellipse == Ellipse(11, 20, 9, 5, 0.5)
    assert plan.notes == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16"])
def test_labels_in_utf_16_are_read(older, encoding):
    root = older()
    (root / LINES).write_bytes((root / LINES).read_text().encode(encoding))
    assert planned(root).found[1].record.ellipse == Ellipse(11, 20, 9, 5, 0.5)


@pytest.mark.parametrize(
    ("labels", "where"),
    [
        ("txt", "labels.txt"),
        ("txt", "Class1/labels.txt"),
        ("txt", "Class1_def/Labels.TXT"),
        ("csv", "Class1/def_1.csv"),
        ("csv", "Class1_def/Def_1.CSV"),
        ("csv", "tables/def_1.csv"),
    ],
)
def test_labels_are_found_within_the_folders_and_beside_them(older, labels, where):
    root = older(labels=labels)
    move(root / (TABLE if labels == "csv" else LINES), root / where)
    plan = planned(root)
    assert plan.found[1].record.ellipse == Ellipse(11, 20, 9, 5, 0.5)
    assert plan.notes == ()


def test_labels_beside_the_folders_of_two_textures_belong_to_neither(dagm):
    for texture in (1, 2):
        dagm.older(texture, normal=1, defective=1)
    move(dagm.root / "Class2_def" / "labels.txt", dagm.root / "labels.txt")
    plan = planned(dagm.root)
    assert refusal(plan).startswith("1 image, without an ellipse")
    assert "1 file, in no class folder: dagm/labels.txt" in said(plan, "left out")


@pytest.mark.parametrize(("half", "defective"), [("Class1", False), ("Class1_def", True)])
def test_one_of_the_two_folders_will_do(older, half, defective):
    plan = planned(older() / half)
    assert [f.record.defective for f in plan.found] == [defective]
    assert stored(plan) == [f"{half}/1.png"]
    assert plan.notes == ()


def test_a_table_whose_h_is_the_longer_axis_gives_the_same_ellipse_turned(older):
    root = older(labels="csv")
    (root / TABLE).write_text((root / TABLE).read_text().replace("9.0,5.0", "5.0,9.0"))
    ellipse = planned(root).found[1].record.ellipse
    turned = Ellipse(11, 20, 9, 5, 0.5 + np.pi / 2)
    assert (ellipse.mask(48, 48) == turned.mask(48, 48)).all()


@pytest.mark.parametrize(
    "line",
    [
        "2\t0.0\t5.0\t0.5\t12.0\t20.0",
        "2\t9.0\tnan\t0.5\t12.0\t20.0",
        "2\t9.0\t5.0\t0.5\tnan\t20.0",
        "2\tinf\t5.0\t0.5\t12.0\t20.0",
        "2\t9.0\t-5.0\t0.5\t12.0\t20.0",
        "2.5\t9.0\t5.0\t0.5\t12.0\t20.0",
        "nan\t9.0\t5.0\t0.5\t12.0\t20.0",
        "inf\t9.0\t5.0\t0.5\t12.0\t20.0",
        "2\t9,0\t5,0\t0,5\t12,0\t20,0",
        "2\t9.0\t5.0",
        "2\t9.0\t5.0\t0.5\t12.0\t20.0\t1",
    ],
)
def test_a_line_that_is_no_ellipse_is_named_by_its_number(older, line):
    root = older()
    (root / LINES).write_text((root / LINES).read_text() + line + "\n")
    assert refusal(planned(root)).startswith("dagm/Class1_def/labels.txt:2: not `number, semi-maj")


@pytest.mark.parametrize(
    "row",
    [
        "2.png,Class1,def,12.0,20.0,0.5,0.0,0.0",
        "2.png,Class1,def,12.0,20.0,0.5,nan,5.0",
        "2.png,Class1,def,12.0,20.0",
        "two.png,Class1,def,12.0,20.0,0.5,9.0,5.0",
        "2.png,Class1,def,12.0,left,0.5,9.0,5.0",
        "2.png,Class1,def,12.0,20.0,\ufffd,9.0,5.0",
    ],
)
def test_a_row_that_is_no_ellipse_is_named_by_its_number(older, row):
    root = older(labels="csv")
    (root / TABLE).write_text((root / TABLE).read_text() + row + "\n")
    assert refusal(planned(root)).startswith("dagm/def_1.csv:3: not `filename, x, y, angle")


@pytest.mark.parametrize("header", ["file,x,y,angle,w,h", "filename,x,y,angle,w", ""])
def test_a_table_without_its_columns_is_refused(older, header):
    root = older(labels="csv")
    (root / TABLE).write_text(f"{header}\n1.png,1,2,0,3,2\n")
    assert refusal(planned(root)).startswith("dagm/def_1.csv:1: not `filename, x, y")


def test_wrong_bytes_are_refused_with_their_line(older):
    root = older(defective=3)
    content = (root / LINES).read_bytes()
    (root / LINES).write_bytes(content[:30] + bytes(range(128, 144)) + content[46:])
    assert refusal(planned(root)).startswith("dagm/Class1_def/labels.txt:2: not `number")


@pytest.mark.parametrize(("labels", "path"), [("txt", LINES), ("csv", TABLE)])
def test_an_image_with_two_ellipses_is_refused(older, labels, path):
    root = older(labels=labels)
    text = (root / path).read_text()
    more = text.splitlines()[-1].replace("20.0", "21.0")
    (root / path).write_text(f"{text}{more}\n")
    assert f"{path}:{len(text.splitlines()) + 1}: image 1 once more" in refusal(planned(root))


def test_defective_images_without_an_ellipse_are_refused(older):
    root = older(defective=3)
    (root / LINES).write_text((root / LINES).read_text().splitlines()[0])
    text = "2 images, without an ellipse in labels.txt or def_1.csv: dagm/Class1_def/2.png, "
    assert refusal(planned(root)).startswith(text)


def test_defective_images_without_any_labels_are_refused(older):
    root = older(defective=3)
    (root / LINES).unlink()
    assert refusal(planned(root)).startswith("3 images, without an ellipse in labels.txt or def_1")


def test_ellipses_of_absent_images_are_counted(older):
    root = older(defective=3)
    (root / "Class1_def" / "2.png").unlink()
    plan = planned(root)
    assert stored(plan) == ["Class1/1.png", "Class1_def/1.png", "Class1_def/3.png"]
    assert said(plan, "warning") == [
        "dagm/Class1_def/labels.txt lists 1 image that is not here",
    ]


def test_of_two_kinds_of_labels_the_releases_own_are_taken(older):
    root = older()
    (root / TABLE).write_text("filename,x,y,angle,w,h\n1.png,1,2,0,3,2\n")
    plan = planned(root)
    assert plan.found[1].record.ellipse == Ellipse(11, 20, 9, 5, 0.5)
    assert said(plan, "left out") == [
        "dagm/def_1.csv: the ellipses are those of dagm/Class1_def/labels.txt"
    ]
