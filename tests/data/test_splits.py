"""Splits by image: stratified, reproducible, equal images together."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.prepared import FOLDS
from dagm_transfer.data.splits import Item, split

NORMAL, DEFECTIVE = 50, 20
NUMBERS = {f"texture {n}": n for n in range(1, 11)}


def make_items(normal=NORMAL, defective=DEFECTIVE, textures=(1, 2), halves=False) -> list[Item]:
    """Images of their own content; every other one in Test where there are halves."""
    items = []
    for texture in textures:
        for flag, count in ((False, normal), (True, defective)):
            for n in range(count):
                half = ("Train", "Test")[n % 2] if halves else None
                content, stratum = f"{texture}{flag}{n}", (f"texture {texture}", flag)
                items.append(Item(content, stratum, half, f"{content}.png"))
    return items


def split_items(items, kind="holdout", fold=0, validation=0.2, seed=0):
    return split(items, kind=kind, fold=fold, validation=validation, seed=seed, numbers=NUMBERS)


def counts(items, parts) -> dict[tuple[str, bool], Counter]:
    found = defaultdict(Counter)
    for item, part in zip(items, parts, strict=True):
        found[item.stratum][part] += 1
    return found


@pytest.mark.parametrize("kind", ["holdout", "fold"])
def test_each_stratum_is_divided_by_the_same_shares(kind):
    items = make_items()
    for (_, defective), found in counts(items, split_items(items, kind)).items():
        # A fifth is tested, and a fifth of the rest validates.
        train, val, test = (13, 3, 4) if defective else (32, 8, 10)
        assert found == {"train": train, "val": val, "test": test}


def test_the_five_folds_test_every_image_once():
    items = make_items(normal=13, defective=11)
    tested = [
        {item.content for item, part in zip(items, split_items(items, "fold", f), strict=True)
         if part == "test"}
        for f in range(FOLDS)
    ]  # fmt: skip
    assert sum(map(len, tested)) == len(items)
    assert set.union(*tested) == {item.content for item in items}


def test_holdout_is_the_first_fold_whatever_fold_is_set():
    items = make_items()
    assert split_items(items, "holdout", fold=3) == split_items(items, "fold", fold=0)
    assert split_items(items, "fold", fold=3) != split_items(items, "fold", fold=0)


def test_official_tests_the_test_half_and_validates_out_of_train():
    items = make_items(halves=True)
    parts = split_items(items, "official")
    assert all(
        (part == "test") == (item.half == "Test") for item, part in zip(items, parts, strict=True)
    )
    assert counts(items, parts)["texture 1", False] == {"test": 25, "train": 20, "val": 5}


def test_the_order_of_the_images_does_not_matter():
    items = make_items()
    by_content = dict(zip([i.content for i in items], split_items(items), strict=True))
    turned = [items[i] for i in np.random.default_rng(0).permutation(len(items))]
    assert [by_content[item.content] for item in turned] == split_items(turned)


def test_the_seed_alone_decides():
    items = make_items()
    assert split_items(items, seed=1) == split_items(items, seed=1)
    first, second = split_items(items, seed=1), split_items(items, seed=2)
    for part in ("test", "val"):
        assert [p == part for p in first] != [p == part for p in second]


def test_other_groups_change_nothing():
    items = make_items(textures=(1, 2, 3))
    with_others = dict(zip([i.content for i in items], split_items(items), strict=True))
    alone = make_items(textures=(2,))
    assert split_items(alone) == [with_others[item.content] for item in alone]


def test_a_groups_drawing_hangs_on_its_number_and_not_on_its_name():
    items = make_items(textures=(1,))
    renamed = [Item(i.content, ("cloth", i.stratum[1]), i.half, i.name) for i in items]
    chosen = {"kind": "holdout", "fold": 0, "validation": 0.2, "seed": 0}
    assert split(renamed, **chosen, numbers={"cloth": 1}) == split_items(items)
    assert split(renamed, **chosen, numbers={"cloth": 2}) != split_items(items)


def test_validation_images_of_the_official_split_change_with_the_seed_and_the_test_does_not():
    items = make_items(halves=True)
    first, second = (split_items(items, "official", seed=seed) for seed in (0, 1))
    assert first != second
    assert [part == "test" for part in first] == [part == "test" for part in second]


@pytest.mark.parametrize("seed", range(5))
def test_equal_images_go_to_the_same_part(seed):
    items = make_items()
    doubled = [*items, *items[::3], *items[::7]]
    parts = defaultdict(set)
    for item, part in zip(doubled, split_items(doubled, seed=seed), strict=True):
        parts[item.content].add(part)
    assert {len(found) for found in parts.values()} == {1}


def test_a_training_copy_of_a_tested_image_gives_way():
    items = make_items(halves=True)
    tested = next(item for item in items if item.half == "Test")
    copy = Item(tested.content, tested.stratum, "Train", "copy.png")
    assert split_items([*items, copy], "official")[-1] == "test"


@pytest.mark.parametrize(
    ("stratum", "mend"),
    [
        (("texture 1", True), "take one away and import again$"),
        (("texture 2", False), "take one away and import again, or leave one of the groups out"),
    ],
)
def test_equal_images_with_different_labels_are_refused(stratum, mend):
    items = make_items()
    twin = Item(items[0].content, stratum, None, "twin.png")
    said = rf"1False0.png and twin.png: .* labelled differently: texture 1 normal and .*; {mend}"
    with pytest.raises(UserError, match=said):
        split_items([*items, twin])


def test_official_wants_halves():
    with pytest.raises(
        UserError, match=r"data\.split\.kind.* 1False0\.png lies in no Train .*use holdout"
    ):
        split_items(make_items(), "official")


def test_at_least_one_image_validates():
    items = make_items(normal=5, defective=5)
    found = counts(items, split_items(items, validation=0.01))
    assert {stratum["val"] for stratum in found.values()} == {1}


@pytest.mark.parametrize(
    ("defective", "validation", "part"),
    # A fifth of 4 is none to test; of 5 one is tested, and all others validate.
    [(4, 0.2, "test"), (5, 0.9, "train"), (1, 0.2, "train")],
)
def test_a_stratum_too_small_for_three_parts_is_named(defective, validation, part):
    items = make_items(defective=defective, textures=(3,))
    with pytest.raises(UserError, match=f"texture 3: no defective image is left for {part}"):
        split_items(items, validation=validation)
