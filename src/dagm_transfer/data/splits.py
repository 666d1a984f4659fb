"""Which images train, validate and test: by image, stratified, duplicates kept together."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.prepared import FOLDS, Part

_EVERYTHING, _TRAINING = 0, 1  # keep the two drawings of one seed apart


@dataclass(frozen=True)
class Item:
    """What a split may know of an image: the hash of its content, stratum, official half, name.

    A stratum is a group and whether its images are defective.
    """

    content: str
    stratum: tuple[str, bool]
    half: Literal["Train", "Test"] | None
    name: str


def split(
    items: Sequence[Item],
    *,
    kind: Literal["official", "holdout", "fold"],
    fold: int,
    validation: float,
    seed: int,
    numbers: Mapping[str, int],
) -> list[Part]:
    """The part of each image.

    `official` keeps the halves of the release, `fold` tests the given fifth, `holdout` the first
    one. Validation images are always taken from the training part. Images with equal content go to
    the same part; between the official halves the training copy gives way to the tested one.

    Args:
        items: the images.
        kind: how tested images are chosen.
        fold: which fifth is tested, 0 to 4; read by `fold` alone.
        validation: share of the training images of each stratum that validate.
        seed: of the drawing.
        numbers: for each group a number of its own, which its drawing is seeded with besides: what
            other groups there are changes nothing.

    Raises:
        UserError: there are no halves to go by, a stratum is too small, or equal images have
            different labels.
    """
    _check_labels(items)
    contents = _contents(items)
    if kind == "official":
        if without := next((item.name for item in items if item.half is None), None):
            raise UserError(
                f"data.split.kind: official, but {without} lies in no Train or Test half; "
                "use holdout or fold"
            )
        tested = {item.content for item in items if item.half == "Test"}
    else:
        fifth = fold if kind == "fold" else 0
        tested = _draw(contents, numbers, [seed, _EVERYTHING], lambda n: _fold(n, fifth))
    left = {stratum: [c for c in found if c not in tested] for stratum, found in contents.items()}
    validated = _draw(
        left, numbers, [seed, _TRAINING], lambda n: slice(0, max(1, round(n * validation)))
    )
    parts: list[Part] = [
        "test" if i.content in tested else "val" if i.content in validated else "train"
        for i in items
    ]
    _check_parts(items, parts)
    return parts


def _fold(n: int, fold: int) -> slice:
    return slice(n * fold // FOLDS, n * (fold + 1) // FOLDS)


def _contents(items: Sequence[Item]) -> dict[tuple[str, bool], list[str]]:
    found: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for item in items:
        found[item.stratum].add(item.content)
    return {stratum: sorted(found[stratum]) for stratum in sorted(found)}


def _draw(
    contents: dict[tuple[str, bool], list[str]],
    numbers: Mapping[str, int],
    seed: list[int],
    take: Callable[[int], slice],
) -> set[str]:
    """A slice of each stratum after shuffling it."""
    drawn: set[str] = set()
    for (group, defective), found in contents.items():
        random = np.random.default_rng([*seed, numbers[group], int(defective)])
        order = random.permutation(len(found))
        drawn.update(found[i] for i in order[take(len(found))])
    return drawn


def _check_labels(items: Sequence[Item]) -> None:
    seen: dict[str, Item] = {}
    for item in items:
        first = seen.setdefault(item.content, item)
        if first.stratum != item.stratum:
            mend = "take one away and import again"
            if first.stratum[0] != item.stratum[0]:
                mend += ", or leave one of the groups out under data.images"
            raise UserError(
                f"{first.name} and {item.name}: the same image, and labelled differently: "
                f"{_label(first)} and {_label(item)}; {mend}"
            )


def _check_parts(items: Sequence[Item], parts: Sequence[Part]) -> None:
    filled = {(item.stratum, part) for item, part in zip(items, parts, strict=True)}
    for stratum in sorted({item.stratum for item in items}):
        for part in ("train", "val", "test"):
            if (stratum, part) not in filled:
                raise UserError(
                    f"{stratum[0]}: no {_state(stratum)} image is left for {part}; "
                    "more images are needed"
                )


def _label(item: Item) -> str:
    return f"{item.stratum[0]} {_state(item.stratum)}"


def _state(stratum: tuple[str, bool]) -> str:
    return "defective" if stratum[1] else "normal"
