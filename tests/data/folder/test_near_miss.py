"""What is nearly laid out as images can be imported is told what it lacks."""

import pytest
from planned import tree_of

from dagm_transfer.data.kinds.folder.near_miss import near_miss


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["pass/1.png", "fail/2.png"], "if one of the folders fail, pass holds the good ones"),
        ([f"{name}/1.png" for name in "abcde"], "if one of the folders a, b, c and 2 more holds"),
        (["pass/1.png"], None),
        (["1.png", "2.png"], None),
        (["Class1/1.png", "Class1_def/1.png"], None),
    ],
)
def test_folders_of_images_may_be_classes_of_which_one_is_good(own, names, said):
    own.write(*names)
    found = near_miss(tree_of(own.root))
    assert found is None if said is None else found is not None and found.startswith(said)


def test_a_table_whose_columns_are_called_otherwise_is_told_their_names(own):
    own.write("a/1.png", "b/2.png")
    own.table("Datei;Ergebnis\na\\1.png;IO")
    found = near_miss(tree_of(own.root))
    assert found is not None
    assert found.startswith("parts/labels.csv has the columns Datei, Ergebnis, but needs one for ")
