"""The section `data`: which images, how they are split, and what the network sees of them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dagm_transfer.core.section import Amount, Count, Section, Seed, Share

TextureNumber = Annotated[int, Field(ge=1, le=10)]
Pixels = Annotated[int, Field(ge=32, le=512)]


class Synthetic(Section):
    """DAGM-style images, drawn here."""

    normal: Count
    defective: Count
    size: Annotated[int, Field(ge=96, le=512)]
    seed: Seed


class Split(Section):
    """How images are divided; validation images are always taken from the training part."""

    kind: Literal["official", "holdout", "fold"]
    fold: Annotated[int, Field(ge=0, le=4)]
    validation: Share
    seed: Seed


class Patch(Section):
    """The pool of patches cut from each image at native resolution."""

    per_normal: Count
    per_defective: Count
    jitter: Amount
    seed: Seed


class Data(Section):
    """Which images, how they are split, and what the network sees of them."""

    kind: Literal["synthetic", "dagm"]
    textures: Annotated[list[TextureNumber], Field(min_length=1)]
    allow_partial: bool
    synthetic: Synthetic
    input: Literal["image", "patch"]
    size: Pixels
    resize: Literal["antialias", "bilinear", "nearest"]
    split: Split
    patch: Patch

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.textures)) != len(self.textures):
            raise ValueError("textures: a texture stands twice")
        if self.kind == "synthetic" and max(self.textures) > 6:
            raise ValueError("textures: the generator draws textures 1 to 6")
        if self.size % 32:
            raise ValueError("size: must be a multiple of 32, VGG16 halves it five times")
        if 2 * self.patch.jitter >= self.size:
            raise ValueError("patch.jitter: from half of size on it leaves the label's middle")
        return self
