"""DAGM folders of both layouts, read and refused."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.kinds.dagm.layout import (
    COMPETITION,
    DEVELOPMENT,
    index,
    weak_label,
    whole_texture,
)
from dagm_transfer.data.kinds.synthetic.write import OFFICIAL_TEST_DEFECTIVE


def test_official_layout_gives_train_then_test_by_number(dagm):
    dagm.half(1, "Test", [False, True])
    dagm.half(1, "Train", [True, False, False], first=3)
    records = index(dagm.root, [1])
    assert [(r.path.as_posix(), r.half, r.defective) for r in records] == [
        ("Class1/Train/0003.PNG", "Train", True),
        ("Class1/Train/0004.PNG", "Train", False),
        ("Class1/Train/0005.PNG", "Train", False),
        ("Class1/Test/0001.PNG", "Test", False),
        ("Class1/Test/0002.PNG", "Test", True),
    ]
    assert {r.group for r in records} == {"texture 1"}


def test_official_weak_label_is_fitted_to_the_mask(dagm):
    dagm.half(1, "Test", [False, True])
    normal, defective = index(dagm.root, [1])
    assert weak_label(dagm.root, normal) is None
    ellipse = weak_label(dagm.root, defective)
    assert (ellipse.x, ellipse.y) == pytest.approx((20, 12))
    assert (ellipse.semi_major, ellipse.semi_minor) == pytest.approx((8, 4), abs=0.3)


def test_an_empty_mask_is_no_weak_label_but_still_a_defect(dagm):
    folder = dagm.half(1, "Test", [True])
    Image.fromarray(np.zeros((48, 48), np.uint8)).save(folder / "Label" / "0001_label.PNG")
    (record,) = index(dagm.root, [1])
    assert record.defective
    assert weak_label(dagm.root, record) is None


def test_one_half_alone_is_read(dagm):
    dagm.half(8, "Test", [True, False])
    assert [record.half for record in index(dagm.root, [8])] == ["Test", "Test"]


def test_labels_of_absent_images_are_passed_over(dagm):
    folder = dagm.half(1, "Test", [False, True, False])
    (folder / "0001.PNG").unlink()
    assert [record.path.stem for record in index(dagm.root, [1])] == ["0002", "0003"]


def test_stray_files_are_passed_over(dagm):
    folder = dagm.half(1, "Test", [False])
    for name in ("Thumbs.db", "._0001.PNG", "0001 copy.PNG", "notes.txt"):
        (folder / name).write_bytes(b"stray")
    assert [record.path.name for record in index(dagm.root, [1])] == ["0001.PNG"]


def test_textures_come_in_the_order_asked_for(dagm):
    for texture in (1, 2, 3):
        dagm.half(texture, "Test", [False])
    assert [r.group for r in index(dagm.root, [3, 1])] == ["texture 3", "texture 1"]


@pytest.mark.parametrize("labels", ["txt", "csv"])
@pytest.mark.parametrize("padded", [False, True])
def test_older_layout_is_read_by_number_with_its_ellipses(dagm, labels, padded):
    dagm.older(2, normal=11, defective=10, labels=labels, padded=padded)
    records = index(dagm.root, [2])
    assert [int(r.path.stem) for r in records] == [*range(1, 12), *range(1, 11)]
    assert [r.defective for r in records] == [False] * 11 + [True] * 10
    assert {r.half for r in records} == {None}
    ellipses = [weak_label(dagm.root, record) for record in records]
    assert ellipses[:11] == [None] * 11
    assert ellipses[11:] == [Ellipse(10 + n, 20, 9, 5, 0.5) for n in range(1, 11)]


def test_csv_names_need_not_be_padded_like_the_files(dagm):
    dagm.older(1, normal=1, defective=1, labels="csv", padded=True)
    table = dagm.root / "def_1.csv"
    table.write_text(table.read_text().replace("0001.png", "1.png"))
    assert index(dagm.root, [1])[1].ellipse == Ellipse(11, 20, 9, 5, 0.5)


def test_csv_with_spaces_after_its_commas_is_read(dagm):
    dagm.older(1, normal=1, defective=1, labels="csv")
    table = dagm.root / "def_1.csv"
    table.write_text(table.read_text().replace(",", ", "))
    assert index(dagm.root, [1])[1].ellipse == Ellipse(11, 20, 9, 5, 0.5)


def test_a_csv_whose_h_is_the_longer_axis_gives_the_same_ellipse_turned(dagm):
    dagm.older(1, normal=1, defective=1, labels="csv")
    table = dagm.root / "def_1.csv"
    table.write_text(table.read_text().replace("9.0,5.0", "5.0,9.0"))
    ellipse = index(dagm.root, [1])[1].ellipse
    turned = Ellipse(11, 20, 9, 5, 0.5 + np.pi / 2)
    assert (ellipse.mask(48, 48) == turned.mask(48, 48)).all()


def test_an_ellipse_without_size_is_the_users_to_mend(dagm):
    dagm.older(1, normal=1, defective=1)
    listed = dagm.root / "Class1_def" / "labels.txt"
    listed.write_text(listed.read_text().replace("5.0", "0.0"))
    with pytest.raises(UserError, match=r"labels\.txt"):
        index(dagm.root, [1])


def test_a_texture_that_is_not_there_is_named(dagm):
    dagm.half(1, "Test", [False])
    with pytest.raises(UserError, match="no images of texture 4"):
        index(dagm.root, [1, 4])


def test_an_image_that_labels_txt_does_not_list_is_refused(dagm):
    folder = dagm.half(1, "Test", [False])
    (folder / "0001.PNG").rename(folder / "0007.PNG")
    with pytest.raises(UserError, match=r"0007\.PNG.*Labels\.txt"):
        index(dagm.root, [1])


def test_a_half_without_labels_txt_is_refused(dagm):
    folder = dagm.half(1, "Test", [False])
    (folder / "Label" / "Labels.txt").unlink()
    with pytest.raises(UserError, match=r"Labels\.txt: not readable"):
        index(dagm.root, [1])


def test_a_defective_image_without_mask_is_refused(dagm):
    folder = dagm.half(1, "Test", [True])
    (folder / "Label" / "0001_label.PNG").unlink()
    with pytest.raises(UserError, match=r"0001_label\.PNG: missing"):
        index(dagm.root, [1])


@pytest.mark.parametrize("line", ["0002", "0002\tyes\t0002.PNG\t0\t0", "0002 1 0002.PNG 0 0"])
def test_a_line_of_labels_txt_that_says_nothing_is_named_by_number(dagm, line):
    folder = dagm.half(1, "Test", [False])
    listed = folder / "Label" / "Labels.txt"
    listed.write_text(f"{listed.read_text()}{line}\n")
    with pytest.raises(UserError, match=r"Labels\.txt:3:"):
        index(dagm.root, [1])


def test_an_older_defective_image_without_ellipse_is_refused(dagm):
    dagm.older(1, normal=1, defective=2)
    listed = dagm.root / "Class1_def" / "labels.txt"
    listed.write_text(listed.read_text().splitlines()[0])
    with pytest.raises(UserError, match=r"2\.png: has no ellipse"):
        index(dagm.root, [1])


def test_an_older_line_that_is_no_ellipse_is_shown(dagm):
    dagm.older(1, normal=1, defective=1)
    (dagm.root / "Class1_def" / "labels.txt").write_text("1\t9.0\t5.0\n")
    with pytest.raises(UserError, match=r"labels\.txt.*1\\t9\.0"):
        index(dagm.root, [1])


@pytest.mark.parametrize("header", ["file,x,y,angle,w,h", "filename,x,y,angle,w"])
def test_a_csv_without_its_columns_is_refused(dagm, header):
    dagm.older(1, normal=1, defective=1, labels="csv")
    (dagm.root / "def_1.csv").write_text(f"{header}\n1.png,1,2,0,3,2\n")
    with pytest.raises(UserError, match=r"def_1\.csv: not rows of filename"):
        index(dagm.root, [1])


def test_real_images_are_indexed_as_their_readme_counts_them(real_dagm):
    found = Counter((r.group, r.half, r.defective) for r in index(real_dagm, [1, 8]))
    assert found == {
        ("texture 1", "Test", True): 51,
        ("texture 1", "Test", False): 140,
        ("texture 8", "Train", True): 75,
        ("texture 8", "Train", False): 75,
        ("texture 8", "Test", True): 75,
        ("texture 8", "Test", False): 75,
    }


def test_real_weak_labels_of_texture_1_have_the_published_size(real_dagm):
    records = [record for record in index(real_dagm, [1]) if record.defective]
    ellipses = [weak_label(real_dagm, record) for record in records]
    # Median semi-axes 60 and 44, over all 150.
    assert np.median([e.semi_major for e in ellipses]) == pytest.approx(60, abs=5)
    assert np.median([e.semi_minor for e in ellipses]) == pytest.approx(44, abs=5)


@pytest.mark.parametrize("texture", range(1, 11))
def test_stated_counts_are_those_of_the_official_labels(real_labels: Path, texture):
    flags = {
        half: [
            line.split("\t")[1]
            for line in (real_labels / f"Class{texture}" / half / "Label" / "Labels.txt")
            .read_text()
            .splitlines()[1:]
        ]
        for half in ("Train", "Test")
    }
    assert OFFICIAL_TEST_DEFECTIVE.get(texture, 150) == flags["Test"].count("1")
    everything = [*flags["Train"], *flags["Test"]]
    assert whole_texture(texture) == (everything.count("0"), everything.count("1"))


def test_competition_textures_are_twice_as_large():
    assert [whole_texture(t) for t in (1, 6, 7, 10)] == [*[DEVELOPMENT] * 2, *[COMPETITION] * 2]
