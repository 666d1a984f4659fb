"""Group and class from folders, in every layout that people have."""

import os

import pytest
from own_images import Own, labels, said

from dagm_transfer.data.raw_index import read_index, write_index

SUFFIXES = [".png", ".jpg", ".jpeg", ".bmp", ".tif", ".TIFF", ".PNG"]


def test_groups_hold_a_good_class_and_kinds_of_defects(own):
    own.write(
        "bolt/good/1.png", "bolt/crack/1.png", "bolt/dent/2.png", "nut/OK/1.png", "nut/ng/7.png"
    )
    plan = own.plan()
    assert labels(plan) == {
        "bolt/crack/1.png": ("bolt", "crack", None),
        "bolt/dent/2.png": ("bolt", "dent", None),
        "bolt/good/1.png": ("bolt", "", None),
        "nut/OK/1.png": ("nut", "", None),
        "nut/ng/7.png": ("nut", "ng", None),
    }
    assert plan.kind == "folder"
    assert plan.why == own.why() == "folders of classes, as parts/bolt with good and crack"
    assert plan.notes == ()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_images_come_in_any_usual_format(own, suffix):
    own.write(f"good/1{suffix}", f"bad/1{suffix}")
    assert list(labels(own.plan())) == [f"parts/bad/1{suffix}", f"parts/good/1{suffix}"]


def test_classes_alone_are_a_group_called_as_the_source(own):
    own.write("good/1.png", "bad/1.png")
    assert labels(own.plan()) == {
        "parts/bad/1.png": ("parts", "bad", None),
        "parts/good/1.png": ("parts", "", None),
    }


def test_groups_may_lie_at_any_depth_and_classes_may_have_folders(own):
    own.write("2024/line 1/bolt/good/may/a/1.png", "2024/line 1/bolt/crack/june/1.png")
    assert labels(own.plan()) == {
        "2024/line 1/bolt/crack/june/1.png": ("bolt", "crack", None),
        "2024/line 1/bolt/good/may/a/1.png": ("bolt", "", None),
    }


def test_groups_of_one_name_are_told_apart_by_the_folders_above(own):
    own.write("a/bolt/good/1.png", "a/bolt/bad/1.png", "b/bolt/good/1.png", "b/nut/good/1.png")
    assert {group for group, _, _ in labels(own.plan()).values()} == {"a/bolt", "b/bolt", "nut"}


def test_a_group_of_the_sources_name_is_another_than_the_source(own):
    own.write("good/1.png", "bad/1.png", "Parts/good/1.png", "Parts/bad/1.png")
    groups = {name: group for name, (group, _, _) in labels(own.plan()).items()}
    assert groups["parts/good/1.png"] == "parts"
    assert groups["Parts/good/1.png"] == "parts/Parts"


def test_train_and_test_are_halves(own):
    own.write("train/good/1.png", "train/bad/1.png", "test/good/1.png", "Test/bad/2.png")
    plan = own.plan()
    assert labels(plan) == {
        "parts/Test/bad/2.png": ("parts", "bad", "Test"),
        "parts/test/good/1.png": ("parts", "", "Test"),
        "parts/train/bad/1.png": ("parts", "bad", "Train"),
        "parts/train/good/1.png": ("parts", "", "Train"),
    }
    assert plan.notes == ()


def test_validation_images_belong_to_the_training_half(own):
    own.write("train/good/1.png", "train/bad/1.png", "val/good/2.png", "test/bad/3.png")
    assert labels(own.plan())["parts/val/good/2.png"] == ("parts", "", "Train")


@pytest.mark.parametrize("group", ["", "bottle/"])
def test_mvtecs_halves_come_over_and_their_lack_of_defects_is_said(own, group):
    own.write(f"{group}train/good/000.png", f"{group}test/good/000.png")
    own.write(f"{group}test/broken/000.png", f"{group}ground_truth/broken/000_mask.png")
    plan = own.plan()
    name, below = ("bottle", "") if group else ("parts", "parts/")
    assert labels(plan) == {
        f"{below}{group}test/broken/000.png": (name, "broken", "Test"),
        f"{below}{group}test/good/000.png": (name, "", "Test"),
        f"{below}{group}train/good/000.png": (name, "", "Train"),
    }
    (text,) = said(plan)
    assert "no defective images, as in MVTec AD" in text
    assert text.endswith(name)


def test_folders_in_mixed_case_are_one_class_and_one_group(own):
    own.write("Bolt/Good/1.png", "bolt/good/2.png", "bolt/Crack/3.png", "bolt/CRACK/4.png")
    plan = own.plan()
    assert {(group, defect) for group, defect, _ in labels(plan).values()} == {
        ("Bolt", ""),
        ("Bolt", "CRACK"),
    }
    assert said(plan) == [
        "Bolt and bolt: taken for one group",
        "Bolt/Good and bolt/good: taken for one class",
        "bolt/CRACK and bolt/Crack: taken for one class",
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("good/1.png", "Good/1.png"),
        ("good/1.png", "good/1.PNG"),
        ("good/\u00e4.png", "good/a\u0308.png"),
    ],
)
def test_files_that_would_be_stored_as_one_are_refused(own, names):
    own.write(*names, "bad/1.png")
    (text,) = said(own.plan(), "refused")
    assert all(f"parts/{name}" in text for name in names)


def test_an_image_in_no_class_is_left_out_and_named(own):
    own.write("bolt/good/1.png", "bolt/bad/1.png", "bolt/overview.jpg", "map.png")
    plan = own.plan()
    assert len(plan.found) == 2
    assert said(plan, "left out") == [
        "2 images, in no folder of a class: parts/bolt/overview.jpg, parts/map.png"
    ]


def test_a_group_beside_classes_is_a_group_and_said_to_be_one(own):
    own.write("good/1.png", "bad/1.png", "bolt/good/1.png", "bolt/bad/1.png")
    plan = own.plan()
    assert labels(plan)["bolt/bad/1.png"] == ("bolt", "bad", None)
    assert "bolt: holds a good class, so it is taken for a group" in said(plan)[0]


def test_a_group_may_be_called_as_good_classes_are(own):
    own.write("normal/ok/1.png", "normal/crack/1.png")
    assert labels(own.plan())["normal/crack/1.png"] == ("normal", "crack", None)


@pytest.mark.parametrize("name", ["pass", "Pass", "PASS"])
def test_the_good_class_can_be_named(own, name):
    own.write(f"bolt/{name}/1.png", "bolt/fail/1.png")
    assert own.why() is None
    assert own.why("pass") == "folders of classes, as parts/bolt with pass and fail"
    assert labels(own.plan("pass"))[f"bolt/{name}/1.png"] == ("bolt", "", None)


def test_without_a_good_class_it_is_said_how_to_name_it(own):
    own.write("bolt/pass/1.png", "bolt/fail/1.png")
    plan = own.plan()
    assert all(found.record.defective for found in plan.found)
    (text,) = said(plan)
    assert "no" in text
    assert "--good NAME (there are fail, pass): bolt" in text


def test_a_group_without_defects_is_planned_with_a_warning(own):
    own.write("bolt/good/1.png", "nut/good/1.png", "nut/bad/1.png")
    plan = own.plan()
    assert len(plan.found) == 3
    assert said(plan)[0].startswith("1 group, without defective images")
    assert said(plan)[0].endswith("bolt")


def test_a_group_without_a_good_class_has_its_classes_as_deep_as_the_others(own):
    own.write("bolt/good/1.png", "bolt/bad/1.png", "nut/bad/may/1.png")
    assert labels(own.plan())["nut/bad/may/1.png"] == ("nut", "bad", None)


def test_numbers_in_names_count_as_numbers(own):
    own.write(*(f"bolt {n}/{c}/1.png" for n in (10, 9, 1) for c in ("good", "bad")))
    groups = [found.record.group for found in own.plan().found]
    assert list(dict.fromkeys(groups)) == ["bolt 1", "bolt 9", "bolt 10"]


ODD = [
    "two words",
    "two\nlines",
    "gr\u00f6\u00dfe",
    "gro\u0308\u00dfe",
    "<script>",
    "\U0001f600",
    "tail ",
    "100%",
]


@pytest.mark.parametrize("name", [*ODD, os.fsdecode(b"latin\xe9")])
def test_odd_names_stay_apart_and_plain(own, name):
    own.write(f"{name}/good/1.png", f"{name}/{name}/{name}.png", "x/good/1.png", "x/bad/1.png")
    plan = own.plan()
    records = [found.record for found in plan.found]
    assert len({record.path for record in records}) == 4
    assert len({record.group for record in records}) == 2
    write_index(own.root, records)
    assert read_index(own.root) == records
    for record in records:
        assert f"{record.group}{record.defect}{record.path}".isprintable()


def test_the_source_may_have_an_odd_name_too(tmp_path):
    own = Own(tmp_path / "a:b\nc")
    own.write("good/1.png", "bad/1.png")
    assert labels(own.plan()) == {
        "a%3Ab%0Ac/bad/1.png": ("a%3Ab%0Ac", "bad", None),
        "a%3Ab%0Ac/good/1.png": ("a%3Ab%0Ac", "", None),
    }
