"""What is taken for images of a user's own."""

import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_images import Own, labels, said

from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.tree import File, Tree
from dagm_transfer.data.kinds.dagm.kind import Dagm
from dagm_transfer.data.kinds.folder.kind import Folder
from dagm_transfer.data.kinds.folder.mask_files import match, tell_apart
from dagm_transfer.data.kinds.folder.placed import is_image, place
from dagm_transfer.data.kinds.recognised import recognised

PARTS = ["good", "Good", "ok", "crack", "bolt", "train", "test", "masks", "images", "a\nb"]
STEMS = ["1", "2", "1_mask", "1_label"]
NAMES = st.builds(
    lambda folders, stem, suffix: "/".join([*folders, stem + suffix]),
    st.lists(st.sampled_from(PARTS), max_size=4),
    st.sampled_from(STEMS),
    st.sampled_from([".png", ".jpg", ".txt"]),
)


@pytest.mark.parametrize(
    "names",
    [
        ("bolt/good/1.png", "bolt/crack/1.png"),
        ("a/b/c/normal/1.jpg", "a/b/c/anomaly/1.jpg"),
        ("FREE/1.bmp", "blowhole/1.bmp"),
        ("train/good/1.png", "test/good/1.png"),
        ("train/good/1.png", "test/crack/1.png"),
        ("good/1.png",),
        ("good/1.png", "2.png"),
        ("good/1.png", "masks/good/1.png"),
        ("good/good/1.png", "crack/1.png"),
    ],
)
def test_folders_of_classes_and_of_halves_are_recognised(own, names):
    own.write(*names)
    assert own.why()


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("1.png", "2.png"),
        ("holiday/1.jpg", "birthday/1.jpg"),
        ("train/1.png", "test/1.png"),
        ("Class1/Train/0001.PNG", "Class1/Test/0001.PNG", "x/good/1.png", "x/bad/1.png"),
        ("Class1/1.png", "Class1_def/1.png", "x/good/1.png", "x/bad/1.png"),
    ],
)
def test_other_folders_are_not(own, names):
    own.write(*names)
    assert own.why() is None


def test_names_of_classes_without_images_are_not(own):
    own.write("photos/1.png")
    for name in ("good", "bad"):
        (own.root / name).mkdir()
        (own.root / name / "notes.txt").write_text("none yet")
    assert own.why() is None


def test_an_older_dagm_table_is_not(own):
    own.write("Class1/1.png")
    own.table("filename,class,label,x,y,angle,w,h\n1.png,Class1,def,1,2,0,3,4\n", name="def_1.csv")
    assert own.why() is None


def test_numbered_images_in_folders_of_classes_are_dagms_unless_a_table_says_what_they_are(own):
    own.write("class1/1.png", "class1/2.png", "class2/1.png")
    assert recognised(own.tree(), frozenset()) is Dagm
    own.table("path,label\nclass1/1.png,0\nclass1/2.png,1\nclass2/1.png,1")
    assert recognised(own.tree(), frozenset()) is Folder


def test_a_folder_beside_a_zip_of_it_is_brought_in_once(own, tmp_path):
    own.write("good/1.png", "good/2.png", "bad/1.png")
    unpacked = tmp_path / "unpacked"
    shutil.copytree(own.root, unpacked)
    (unpacked / "good" / "2.png").write_bytes(b"another")
    tree, inside = own.tree(), Own(unpacked).tree().files
    same = [File(PurePosixPath("parts", *f.name.parts[1:]), f.origin) for f in inside]
    files = sorted([*tree.files, *same], key=lambda file: file.name)
    plan = Folder.plan(replace(tree, files=tuple(files)), frozenset())
    assert list(labels(plan)) == ["parts/bad/1.png", "parts/good/1.png", "parts/good/2.png"]
    (left,), (refused,) = said(plan, "left out"), said(plan, "refused")
    assert left.startswith("2 files, there once more in a zip")
    assert refused.endswith("bring one of the two alone: parts/good/2.png")


@settings(max_examples=60, deadline=None)
@given(names=st.sets(NAMES, max_size=12))
def test_every_image_is_brought_in_or_counted(names):
    files = [File(PurePosixPath("parts") / name, Path(name)) for name in sorted(names)]
    plan = Folder.plan(Tree(Path("parts"), tuple(files), ()), frozenset())
    images, masks, _ = tell_apart(place(files))
    matched, _ = match(images, masks)
    assert len(images) + len(masks) == len([file for file in files if is_image(file)])
    assert len(plan.found) + _counted(plan, "in no folder of a class") == len(images)
    without = _counted(plan, "without the image") + _counted(plan, "not used")
    assert len(matched) + without == len(masks)


def _counted(plan: Plan, text: str) -> int:
    return sum(int(note.text.split()[0]) for note in plan.notes if f", {text}" in note.text)
