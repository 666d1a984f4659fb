"""What is taken for images of a user's own."""

import pytest


@pytest.mark.parametrize(
    "names",
    [
        ("bolt/good/1.png", "bolt/crack/1.png"),
        ("a/b/c/normal/1.jpg", "a/b/c/anomaly/1.jpg"),
        ("FREE/1.bmp", "blowhole/1.bmp"),
        ("train/good/1.png", "test/good/1.png"),
        ("train/good/1.png", "test/crack/1.png"),
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
        ("good/1.png",),
        ("good/1.png", "2.png"),
        ("good/1.png", "masks/good/1.png"),
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
