"""Which files are masks, and of which images."""

import pytest
from own_images import labels, masks, said

GOOD = ("bolt/good/1.png", "bolt/good/2.png")


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("bolt/bad/1.jpg", "bolt/bad/1_mask.png"),
        ("bolt/bad/1.png", "bolt/bad/1_GT.png"),
        ("bolt/bad/1.png", "bolt/bad/1_label.bmp"),
        ("bolt/bad/1.png", "bolt/masks/bad/1.png"),
        ("bolt/bad/1.png", "bolt/Mask/Bad/1_mask.png"),
        ("bolt/bad/1.jpg", "masks/bolt/bad/1.png"),
        ("bolt/bad/may/1.jpg", "gt/bolt/bad/may/1.tif"),
        ("bolt/bad/1.png", "bolt/bad/labels/1.png"),
        ("bolt/bad/images/1.png", "bolt/bad/masks/1.png"),
        ("images/bolt/bad/1.png", "labels/bolt/bad/1.png"),
        ("bolt/test/bad/1.png", "bolt/ground_truth/bad/1_mask.png"),
        ("bolt/test/bad/1.png", "bolt/ground_truth/test/bad/1_mask.png"),
        ("bolt/bad/1.jpg", "bolt/masks/bad/1.jpg.png"),
        ("bolt/bad/1.jpg", "bolt/bad/1.jpg_mask.png"),
    ],
)
def test_a_mask_lies_beside_its_image_or_in_a_folder_of_masks(own, image, mask):
    own.write(*GOOD, image, mask)
    plan = own.plan()
    assert masks(plan) == {image: mask}
    assert labels(plan)[image][:2] == ("bolt", "bad")
    assert len(plan.found) == 3


@pytest.mark.parametrize(
    ("suffixes", "mask"),
    [
        ((".jpg", ".png"), ".png"),
        ((".png", ".bmp"), ".png"),
        ((".jpeg", ".tif"), ".tif"),
        ((".jpg", ".jpg.png"), ".jpg.png"),
    ],
)
def test_a_folder_full_of_pairs_holds_images_and_masks(own, suffixes, mask):
    own.write(*GOOD, *(f"bolt/bad/{n}{suffix}" for n in (1, 2) for suffix in suffixes))
    own.write("bolt/bad/3.jpg")
    plan = own.plan()
    image = next(suffix for suffix in suffixes if suffix != mask)
    assert masks(plan) == {f"bolt/bad/{n}{image}": f"bolt/bad/{n}{mask}" for n in (1, 2)}
    assert said(plan)[0].startswith("parts/bolt/bad: 2 files, taken for masks, since most images")
    assert said(plan)[0].endswith(f": parts/bolt/bad/1{mask}, parts/bolt/bad/2{mask}")


@pytest.mark.parametrize("pair", [("1.jpg", "1.png"), ("1.bmp", "1.tif")])
def test_a_pair_among_others_is_two_images_and_said_so(own, pair):
    own.write(*GOOD, *(f"bolt/bad/{name}" for name in (*pair, "2.jpg", "3.jpg")))
    plan = own.plan()
    assert masks(plan) == {}
    assert len(plan.found) == 6
    assert "2 files, called alike but for the suffix, and all taken for images" in said(plan)[0]


def test_masks_without_images_and_images_without_masks_are_counted_and_named(own):
    own.write(
        *GOOD, "bolt/bad/1.png", "bolt/bad/1_mask.png", "bolt/bad/2.png", "masks/bolt/bad/9.png"
    )
    plan = own.plan()
    assert masks(plan) == {"bolt/bad/1.png": "bolt/bad/1_mask.png"}
    without, unmarked = said(plan)
    assert without.startswith("1 mask, without the image that it is of")
    assert without.endswith(": parts/masks/bolt/bad/9.png")
    assert unmarked.startswith("1 image, defective without a mask where others have one")
    assert unmarked.endswith(": parts/bolt/bad/2.png")


def test_where_no_image_has_a_mask_none_is_missed(own):
    own.write(*GOOD, "bolt/bad/1.png")
    assert own.plan().notes == ()


def test_a_mask_that_fits_two_images_is_not_used(own):
    own.write("train/good/1.png", "train/bad/1.png", "test/good/2.png", "test/bad/1.png")
    own.write("masks/bad/1.png")
    plan = own.plan()
    assert masks(plan) == {}
    (text,) = said(plan)
    assert text.startswith("1 mask, not used")
    assert text.endswith(": parts/masks/bad/1.png")


@pytest.mark.parametrize("masked", ["masks/train", "masks/val"])
def test_of_images_of_one_name_in_train_and_val_a_mask_is_that_of_its_own_folder(own, masked):
    own.write("train/good/1.png", "train/bad/1.png", "val/bad/1.png", f"{masked}/bad/1.png")
    half = masked.removeprefix("masks/")
    assert masks(own.plan()) == {f"parts/{half}/bad/1.png": f"parts/{masked}/bad/1.png"}


def test_of_names_that_begin_alike_each_has_its_own_mask(own):
    names = [f"bolt/bad/a_{n}" for n in (1, 10, 11)]
    own.write(*GOOD, *(f"{name}{end}.png" for name in names for end in ("", "_mask")))
    assert masks(own.plan()) == {f"{name}.png": f"{name}_mask.png" for name in names}


def test_of_two_masks_of_an_image_the_second_is_not_used(own):
    own.write(*GOOD, "bolt/bad/1.png", "bolt/bad/1_mask.png", "masks/bolt/bad/1.png")
    plan = own.plan()
    assert masks(plan) == {"bolt/bad/1.png": "bolt/bad/1_mask.png"}
    assert said(plan)[0].endswith(": parts/masks/bolt/bad/1.png")


def test_a_mask_of_a_normal_image_comes_along_and_is_looked_at_later(own):
    own.write(*GOOD, "bolt/good/1_mask.png", "bolt/bad/1.png")
    plan = own.plan()
    assert masks(plan) == {"bolt/good/1.png": "bolt/good/1_mask.png"}
    assert said(plan) == []  # whether it marks a defect is said once it is read


def test_a_product_may_be_called_as_folders_of_masks_are(own):
    own.write("masks/good/1.png", "masks/bad/1.png")
    assert labels(own.plan()) == {
        "masks/good/1.png": ("masks", "", None),
        "masks/bad/1.png": ("masks", "bad", None),
    }


def test_images_may_all_end_as_masks_do(own):
    own.write("good/1_label.png", "bad/2_label.png")
    assert list(labels(own.plan())) == ["parts/bad/2_label.png", "parts/good/1_label.png"]
