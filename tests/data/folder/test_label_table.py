"""Labels from a table of paths."""

import pytest
from own_images import labels, masks, said

ROWS = ("path,label", "a/1.png,0", "a/2.png,1", "b/3.png,0")


@pytest.fixture
def three(own):
    """Three images in folders that say nothing of their classes."""
    own.write("a/1.png", "a/2.png", "b/3.png")
    return own


def test_a_table_says_which_images_are_defective(three):
    three.table("\n".join(ROWS))
    plan = three.plan()
    assert labels(plan) == {
        "parts/a/1.png": ("parts", "", None),
        "parts/a/2.png": ("parts", "1", None),
        "parts/b/3.png": ("parts", "", None),
    }
    assert plan.why == three.why() == "parts/labels.csv lists paths and labels"
    assert plan.notes == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_a_table_may_be_written_as_spreadsheets_do(own, separator, encoding, line):
    own.write("größe/1.png", "größe/2.png")
    rows = ["größe\\1.png,OK", '"größe\\2.png",Riß', ""]
    text = line.join(["File Name,Class", *rows]).replace(",", separator)
    own.table(text, encoding=encoding)
    assert labels(own.plan()) == {
        "parts/größe/1.png": ("parts", "", None),
        "parts/größe/2.png": ("parts", "Riß", None),
    }


@pytest.mark.parametrize("before", ["\n", "\r\n\r\n", "sep=;\n", "sep=,\r\n"])
def test_what_stands_before_the_header_is_passed_over(three, before):
    separator = before[4] if before.startswith("sep=") else ","
    three.table(before + "\n".join(ROWS).replace(",", separator))
    assert [defect for _, defect, _ in labels(three.plan()).values()] == ["", "1", ""]


@pytest.mark.parametrize("path", ["path", "FILE", "filename", "Image", "image_path"])
@pytest.mark.parametrize("label", ["label", "Class", "defect", "defective", "target"])
def test_columns_have_one_of_the_usual_names(three, path, label):
    three.table("\n".join([f"id,{path},{label}", *(f"7,{row}" for row in ROWS[1:])]))
    assert [defect for _, defect, _ in labels(three.plan()).values()] == ["", "1", ""]


@pytest.mark.parametrize(
    ("good", "bad"),
    [("0", "1"), ("False", "True"), ("good", "crack"), ("OK", "NG"), ("0.0", "1.0")],
)
def test_labels_are_numbers_truths_or_names_of_classes(three, good, bad):
    three.table(f"path,label\na/1.png,{good}\na/2.png,{bad}\nb/3.png, {good} \n")
    assert [defect for _, defect, _ in labels(three.plan()).values()] == ["", bad, ""]


def test_the_good_class_can_be_named(three):
    three.table("path,label\na/1.png,pass\na/2.png,fail\nb/3.png,PASS")
    assert [defect for _, defect, _ in labels(three.plan("pass")).values()] == ["", "fail", ""]


def test_a_table_may_say_group_half_kind_and_mask(own):
    own.write("1.png", "2.png", "3.png", "marked/2.png")
    own.table(
        "image,defective,defect,product,split,mask\n"
        "1.png,0,,bolt 1,train,\n2.png,1,crack,bolt 1,Test,marked/2.png\n3.png,1,dent,nut,val,"
    )
    plan = own.plan()
    assert labels(plan) == {
        "1.png": ("bolt 1", "", "Train"),
        "2.png": ("bolt 1", "crack", "Test"),
        "3.png": ("nut", "dent", "Train"),
    }
    assert masks(plan) == {"2.png": "marked/2.png"}
    assert said(plan, "left out") == []


def test_masks_are_found_by_their_names_too(three):
    three.write("masks/a/2.png")
    three.table("\n".join(ROWS))
    plan = three.plan()
    assert masks(plan) == {"parts/a/2.png": "parts/masks/a/2.png"}
    assert plan.notes == ()


def test_what_a_table_lists_is_an_image_whatever_its_name(own):
    own.write("1.png", "1_label.png")
    own.table("path,label\n1.png,0\n1_label.png,1")
    assert list(labels(own.plan())) == ["parts/1.png", "parts/1_label.png"]


def test_paths_count_from_the_tables_own_folder(three):
    three.table("path,label\n1.png,0\n./2.png,1\n../b/3.png,0", name="a/labels.csv")
    assert len(three.plan().found) == 3


def test_paths_may_differ_from_the_files_in_case(three):
    three.table("path,label\nA\\1.PNG,0\na/2.png,1\nb/3.png,0")
    assert len(three.plan().found) == 3


def test_listed_images_that_are_absent_are_counted_and_named(three):
    three.table("\n".join([*ROWS, "a/8.png,1", "/elsewhere/9.png,1"]))
    plan = three.plan()
    assert len(plan.found) == 3
    assert said(plan) == [
        "2 images, listed in parts/labels.csv and not there: parts/a/8.png, /elsewhere/9.png"
    ]


def test_a_table_that_lists_only_absent_images_is_refused(three):
    three.table("path,label\nx/1.png,0\nx/2.png,1")
    plan = three.plan()
    assert plan.found == ()
    (text,) = said(plan, "refused")
    assert text.startswith("parts/labels.csv: none of its 2 rows gives a label to an image")
    assert "there is no parts/x/1.png; mend them" in text


def test_images_that_are_not_listed_or_have_no_label_are_left_out_and_named(three):
    three.table("path,label\na/1.png,0\na/2.png,")
    plan = three.plan()
    assert list(labels(plan)) == ["parts/a/1.png"]
    assert said(plan, "left out") == [
        "1 image, without a label in parts/labels.csv: parts/a/2.png",
        "2 images, not in parts/labels.csv: parts/a/2.png, parts/b/3.png",
    ]


@pytest.mark.parametrize(("again", "kind"), [("0", "warning"), ("1", "refused")])
def test_an_image_listed_twice_has_to_have_one_label(three, again, kind):
    three.table("\n".join([*ROWS, f"a/1.png,{again}"]))
    (text,) = said(three.plan(), kind)
    assert text.endswith("parts/a/1.png")


def test_an_image_in_two_halves_is_refused(three):
    three.table("path,label,split\na/1.png,0,train\na/2.png,1,train\na/1.png,0,test")
    (text,) = said(three.plan(), "refused")
    assert text.endswith("labels.csv: parts/a/1.png")


@pytest.mark.parametrize("nothing", ["nan", "NaN", "NULL", "#N/A", "<NA>"])
def test_what_scripts_write_into_empty_cells_says_nothing(three, nothing):
    rows = [f"a/1.png,good,{nothing},{nothing}", f"a/2.png,{nothing},,", "b/3.png,bad,,"]
    three.table("\n".join(["path,label,group,mask", *rows]))
    plan = three.plan()
    assert labels(plan) == {
        "parts/a/1.png": ("parts", "", None),
        "parts/b/3.png": ("parts", "bad", None),
    }
    assert said(plan) == []
    assert "1 image, without a label in parts/labels.csv: parts/a/2.png" in said(plan, "left out")


def test_a_half_that_is_not_known_is_warned_of(three):
    three.table("path,label,split\na/1.png,0,train\na/2.png,1,tst\nb/3.png,0,dev")
    plan = three.plan()
    assert [half for _, _, half in labels(plan).values()] == ["Train", None, None]
    assert said(plan)[0] == (
        "parts/labels.csv: neither train, val nor test, so of no half: dev, tst"
    )


def test_an_absent_mask_is_warned_of(three):
    three.table("path,label,mask\na/1.png,0,\na/2.png,1,m/2.png\nb/3.png,0,")
    plan = three.plan()
    assert said(plan) == ["1 mask, named in parts/labels.csv and not there: parts/m/2.png"]


def test_two_tables_are_refused_and_both_named(three):
    three.table("\n".join(ROWS))
    three.table("\n".join(ROWS), name="old/labels.csv")
    plan = three.plan()
    assert plan.found == ()
    assert said(plan, "refused") == [
        "parts/labels.csv and parts/old/labels.csv: each lists paths and labels; leave one of them"
    ]


@pytest.mark.parametrize(
    "text", ["", "\n", "a,b\n1,2", "path,size\na/1.png,3", "label\n1", '"', "path;label,x\n", "\0"]
)
def test_other_tables_are_passed_over(three, text):
    three.table(text)
    assert three.why() is None


def test_a_table_in_a_folder_of_classes_that_lists_other_things_changes_nothing(own):
    own.write("good/1.png", "bad/1.png")
    own.table("camera,exposure\n1,2")
    assert len(own.plan().found) == 2
