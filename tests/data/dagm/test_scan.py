"""DAGM told by its names, wherever it lies, in parts and twice."""

import shutil
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from planned import move, planned, refusal, said, stored, tree_of

from dagm_transfer.data.kinds.dagm.scan import recognise
from dagm_transfer.data.raw_index import weak_label

OFFICIAL = ["Class1/Train/0001.PNG", "Class1/Train/0002.PNG", "Class1/Test/0003.PNG"]


@pytest.mark.parametrize(
    "place",
    [
        "Class1",
        "class1",
        "CLASS1",
        "Class01",
        "DAGM/deep/er/Class1",
        "Class1/Class1",
        "Class2/Class1",
    ],
)
def test_class_folders_are_found_at_any_level_and_in_any_case(texture, tmp_path, place):
    source = tmp_path / "source"
    move(texture, source / place)
    plan = planned(source)
    assert stored(plan) == OFFICIAL
    assert plan.notes == ()
    assert plan.why == "folder Class1 with Labels.txt, as in the official release"


def test_the_source_may_be_the_class_folder_itself(texture):
    plan = planned(texture)
    assert stored(plan) == OFFICIAL
    assert plan.notes == ()


def test_textures_come_in_the_order_of_their_numbers(dagm):
    for number in (10, 9, 2):
        dagm.half(number, "Test", [False])
    dagm.older(3, normal=1, defective=1)
    plan = planned(dagm.root)
    assert [f.record.group for f in plan.found] == [
        "texture 2", "texture 3", "texture 3", "texture 9", "texture 10",
    ]  # fmt: skip
    assert plan.why == (
        "folders Class2, Class9, Class10 with Labels.txt, as in the official release; "
        "folders Class3, Class3_def of numbered images, as in the older release"
    )


def test_a_reason_names_the_first_folders(dagm):
    for number in range(1, 6):
        dagm.half(number, "Test", [False])
    assert recognise(tree_of(dagm.root)).startswith("folders Class1, Class2, Class3, Class4, ... w")


@pytest.mark.parametrize(
    "names",
    [
        ["1.png", "2.png"],
        ["bolts/good/1.png", "bolts/bad/2.png"],
        ["class1/good/1.png", "class1/bad/1.png"],
        ["Class1/photo.png"],
        ["Class1/notes.txt"],
        ["train/class1/1.png", "train/class2/1.png", "test/class1/2.png"],
        ["Class11/1.png", "Class0/1.png"],
        ["Train/0001.PNG", "Test/0002.PNG"],
        ["Classes/1.png", "Class1x/1.png"],
        [],
    ],
)
def test_other_folders_are_not_dagm(tmp_path, names):
    source = tmp_path / "photos"
    source.mkdir()
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(name.encode())
    assert recognise(tree_of(source)) is None


def test_of_a_folder_that_is_not_dagm_a_plan_refuses_all(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.png").write_bytes(b"")
    plan = planned(tmp_path / "photos")
    assert plan.found == ()
    assert refusal(plan).startswith(f"{tmp_path}/photos: no images of DAGM's in it")
    assert said(plan, "left out") == ["1 file, in no class folder: photos/1.png"]


def test_a_half_of_no_texture_is_asked_for_its_class(texture):
    plan = planned(texture / "Train")
    assert plan.why == "folder Train with Label, as in the official release"
    assert plan.found == ()
    assert refusal(plan) == "Train: which texture is it? put it into a folder ClassN"
    assert said(plan, "left out") == []


def test_a_half_of_no_texture_beside_class_folders_is_not_passed_over(dagm, texture):
    dagm.half(2, "Test", [False])
    move(texture / "Train", dagm.root / "more" / "train")
    text = "dagm/more/train: which texture is it? put it into a folder ClassN"
    assert refusal(planned(dagm.root)) == text


@pytest.mark.parametrize("gone", ["nothing", "Labels.txt", "0002_label.PNG"])
def test_images_of_no_half_are_asked_for_it_and_not_taken_for_normal_ones(texture, gone):
    shutil.rmtree(texture / "Test")
    (texture / "Train" / "Label" / gone).unlink(missing_ok=True)
    for path in list((texture / "Train").iterdir()):
        path.rename(texture / path.name)
    (texture / "Train").rmdir()
    text = "Class1: which half is it? put its images and labels into a folder Train or Test"
    assert refusal(planned(texture)) == text


def test_labels_without_any_image_are_refused(texture):
    for path in [*texture.glob("T*/*.PNG"), *texture.glob("T*/Label/*.PNG")]:
        path.unlink()
    plan = planned(texture)
    assert refusal(plan).startswith(f"{texture}: no images of DAGM's in it")
    assert len(said(plan, "warning")) == 2


@pytest.mark.parametrize("number", [0, 11, 12])
@pytest.mark.usefixtures("texture")
def test_textures_that_dagm_has_not_are_left_out(dagm, number):
    dagm.half(number, "Test", [False])
    dagm.older(number, normal=1, defective=1, labels="txt")
    plan = planned(dagm.root)
    assert stored(plan) == OFFICIAL
    first, second = said(plan, "left out")
    assert first.startswith(
        f"3 files, in dagm/Class{number}, and DAGM has textures 1 to 10: dagm/C"
    )
    assert second.startswith(f"2 files, in dagm/Class{number}_def, and DAGM has textures 1 to 10: ")


def test_other_files_are_left_out_counted_and_named(texture):
    for name in ("0001 copy.PNG", "preview.png", "Train/a\nb.png", "Train/sub/0001.PNG", "n.txt"):
        (texture / name).parent.mkdir(exist_ok=True)
        (texture / name).write_bytes(b"stray")
    (texture.parent / "readme.txt").write_text("outside")
    (texture.parent / "def_2.csv").write_text("filename\n")
    plan = planned(texture.parent)
    assert stored(plan) == OFFICIAL
    in_class, outside = said(plan, "left out")
    assert in_class == (
        r"5 files, no part of the release in dagm/Class1: dagm/Class1/0001 copy.PNG, dagm/Class1/"
        r"Train/a\nb.png, dagm/Class1/Train/sub/0001.PNG and 2 more"
    )
    assert outside == "2 files, in no class folder: dagm/def_2.csv, dagm/readme.txt"


def test_real_images_are_found_as_their_readme_counts_them(real_dagm):
    plan = planned(real_dagm)
    records = [found.record for found in plan.found]
    assert Counter((r.group, r.half, r.defective) for r in records) == {
        ("texture 1", "Test", True): 51,
        ("texture 1", "Test", False): 140,
        ("texture 8", "Train", True): 75,
        ("texture 8", "Train", False): 75,
        ("texture 8", "Test", True): 75,
        ("texture 8", "Test", False): 75,
    }
    assert plan.why == "folders Class1, Class8 with Labels.txt, as in the official release"
    lists = "Label/Labels.txt lists {} images that are not here, {} of them defective"
    assert [(note.kind, note.text) for note in plan.notes] == [
        ("warning", "dagm/Class1/Test/" + lists.format(384, 20)),
        ("warning", "dagm/Class8/Train/" + lists.format(1000, 75)),
        ("warning", "dagm/Class8/Test/" + lists.format(1000, 75)),
    ]


def test_real_weak_labels_of_texture_1_have_the_published_size(real_dagm):
    records = [found.record for found in planned(real_dagm / "Class1").found if found.mask]
    ellipses = [weak_label(real_dagm, record).ellipse for record in records]
    # Median semi-axes 60 and 44, over all 150.
    assert np.median([e.semi_major for e in ellipses]) == pytest.approx(60, abs=5)
    assert np.median([e.semi_minor for e in ellipses]) == pytest.approx(44, abs=5)


def test_an_empty_mask_is_no_weak_label_but_still_a_defect(dagm):
    folder = dagm.half(1, "Test", [True])
    Image.fromarray(np.zeros((48, 48), np.uint8)).save(folder / "Label" / "0001_label.PNG")
    (found,) = planned(dagm.root).found
    assert found.record.defective
    assert weak_label(dagm.root, found.record) is None
