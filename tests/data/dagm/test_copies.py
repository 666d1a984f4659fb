"""Textures that lie in several places: in parts, twice, in both layouts."""

import shutil

import pytest
from planned import move, planned, refusal, said, stored

OFFICIAL = ["Class1/Train/0001.PNG", "Class1/Train/0002.PNG", "Class1/Test/0003.PNG"]


def test_halves_from_two_places_make_one_texture(texture, tmp_path):
    move(texture / "Train", tmp_path / "source" / "a" / "Class1" / "Train")
    move(texture / "Test", tmp_path / "source" / "b" / "class1" / "Test")
    plan = planned(tmp_path / "source")
    assert stored(plan) == OFFICIAL
    assert plan.notes == ()


@pytest.mark.parametrize("other", ["b/Class1", "a/Class1/Class1", "Class1"])
def test_of_two_equal_copies_the_one_that_lies_less_deep_is_taken(texture, tmp_path, other):
    source = tmp_path / "source"
    for place in ("a/Class1", other):
        shutil.copytree(texture, source / place, dirs_exist_ok=True)
    plan = planned(source)
    assert stored(plan) == OFFICIAL
    first, second = sorted(["source/a/Class1", f"source/{other}"], key=len)
    (note,) = plan.notes
    assert note.kind == "left out"
    assert note.text.startswith(
        f"7 files, the same byte for byte as what lies in {first}: {second}"
    )
    assert {f"{f.image.name.parent.parent}" for f in plan.found} == {first}


def test_a_zip_beside_its_own_folder_is_a_copy(texture, tmp_path):
    # Unpacked, both have the same names.
    unpacked = tmp_path / "unpacked"
    shutil.copytree(texture, unpacked / "Class1")
    plan = planned(texture.parent, unpacked)
    assert stored(plan) == OFFICIAL
    (text,) = said(plan, "left out")
    assert text.startswith(
        "7 files, there once more in a zip, the same byte for byte: dagm/Class1/"
    )
    (unpacked / "Class1" / "Train" / "0001.PNG").write_bytes(b"another")
    text = refusal(planned(texture.parent, unpacked))
    assert text.startswith("dagm/Class1/Train/0001.PNG, unpacked and in a zip: two different files")


@pytest.mark.parametrize(
    "name", ["Train/0001.PNG", "Train/Label/0002_label.PNG", "Test/Label/Labels.txt"]
)
def test_copies_that_differ_are_refused_by_two_names(texture, tmp_path, name):
    source = tmp_path / "source"
    shutil.copytree(texture, source / "a" / "Class1")
    copied = move(texture, source / "b" / "Class1") / name
    content = bytearray(copied.read_bytes())
    # Of the same length.
    content[-1] ^= 1
    copied.write_bytes(content)
    text = refusal(planned(source))
    assert text.startswith(
        f"source/a/Class1/{name} and source/b/Class1/{name}: two different files"
    )


def test_many_differing_copies_are_one_refusal(dagm, tmp_path):
    dagm.older(1, normal=5, defective=1)
    shutil.copytree(dagm.root, tmp_path / "source" / "a")
    for path in (dagm.root / "Class1").iterdir():
        path.write_bytes(b"another")
    move(dagm.root, tmp_path / "source" / "b")
    assert "(and 4 more such pairs)" in refusal(planned(tmp_path / "source"))


@pytest.mark.parametrize("deep", ["", "old"])
def test_both_layouts_of_a_texture_are_refused(dagm, texture, tmp_path, deep):
    move(texture, tmp_path / "source" / "Class1")
    dagm.older(1, normal=2, defective=1)
    for folder in ("Class1", "Class1_def"):
        shutil.copytree(dagm.root / folder, tmp_path / "source" / deep / folder, dirs_exist_ok=True)
    plan = planned(tmp_path / "source")
    old = f"source/{deep}/Class1_def".replace("//", "/")
    assert refusal(plan) == (
        f"source/Class1 is texture 1 in the official layout, {old} in the older one; "
        "bring one of them alone"
    )
    assert said(plan, "left out") == []


@pytest.mark.parametrize("stray", ["preview.png", "1.png"])
def test_stray_images_in_other_class_folders_are_no_other_layout(texture, stray):
    for folder in ("a", "b"):
        path = texture.parent / folder / "Class1" / stray
        path.parent.mkdir(parents=True)
        path.write_bytes(folder.encode())
    plan = planned(texture.parent)
    assert stored(plan) == OFFICIAL
    assert said(plan, "refused") == []
    assert said(plan, "left out") == [
        f"1 file, no part of the release in dagm/{folder}/Class1: dagm/{folder}/Class1/{stray}"
        for folder in ("a", "b")
    ]


def test_official_labels_beside_older_images_are_no_other_layout(dagm):
    half = dagm.half(1, "Train", [False])
    (half / "0001.PNG").unlink()
    dagm.older(1, normal=1, defective=1)
    plan = planned(dagm.root)
    assert stored(plan) == ["Class1/1.png", "Class1_def/1.png"]
    (text,) = said(plan, "left out")
    assert text.startswith("1 file, no part of the release in dagm/Class1: ")
