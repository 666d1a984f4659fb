"""The section `data`: which images, how they are split, and what the network sees of them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dagm_transfer.core.section import Amount, Count, Section, Seed, Share
from dagm_transfer.data.kinds.registry import Images
from dagm_transfer.data.prepared import FOLDS

Pixels = Annotated[int, Field(ge=32, le=512)]


class Split(Section):
    """How images are divided; validation images are always taken from the training part.

    With `fold: seed` every run tests another fifth, that of its seed modulo 5.
    """

    kind: Literal["official", "holdout", "fold"]
    fold: Annotated[int, Field(ge=0, lt=FOLDS)] | Literal["seed"]
    validation: Share
    seed: Seed

    @property
    def folds(self) -> list[int]:
        """Which fifths are tested, one after the other; that of seed 0 first."""
        if self.kind != "fold":
            return [0]
        return [*range(FOLDS)] if self.fold == "seed" else [self.fold]


class Patch(Section):
    """The pool of patches cut from each image at native resolution."""

    per_normal: Count
    per_defective: Count
    jitter: Amount
    seed: Seed


class Data(Section):
    """Which images, how they are split, and what the network sees of them."""

    images: Images
    input: Literal["image", "patch"]
    size: Pixels
    resize: Literal["antialias", "bilinear", "nearest"]
    split: Split
    patch: Patch

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.size % 32:
            raise ValueError("size: must be a multiple of 32, VGG16 halves it five times")
        if 2 * self.patch.jitter >= self.size:
            raise ValueError("patch.jitter: from half of size on it leaves the label's middle")
        return self
