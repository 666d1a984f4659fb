"""What an inspector is, beside its weights: all that is needed to judge an image as it was judged.

On disk it is `models/KEY/card.json` beside `models/KEY/weights.safetensors`.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json, write_json
from dagm_transfer.core.section import Count, Section
from dagm_transfer.judging.threshold_rule import ThresholdRule

ANEW = "`dvc repro` writes that of a run anew, `dagm export` that of an exported folder"


class Thresholds(Section):
    """From which score on an input, and an image, counts as defective.

    Where inputs are whole images there is one threshold, and `image` is the same.
    """

    input: float
    image: float


class CardCosts(Section):
    """What a miss and a false alarm cost where the thresholds were set."""

    miss: float
    false_alarm: float


class Card(Section):
    """An inspector without its weights.

    Attributes:
        key: the run's.
        identity: the run's, and `environment` the digest of what its numbers depend on besides.
        groups: names; label `2 * i + 1` is a defect of the i-th.
        input: whole images resized, or windows at native resolution.
        size: of what the network takes in, in pixels.
        resize: the filter by which whole images are resized.
        stride: from window to window, in pixels; None where images are not judged by windows.
        input_scale: see models/initial.py.
        head: see models/vgg16.py.
        convolutions: channels of each of the 13, and `hidden` of the two layers of an `fc` head.
        bits: of a pixel of the images that it was trained on, before they were stored with 8.
        thresholds: set on validation images; `rule` says how that on whole images was.
        costs: of a miss and of a false alarm.
        validation_cost: of the judged validation images at that threshold.
        validated_on: digest of which images those are; costs are compared where it is the same.
        data: digest of the data that it was trained and judged on.
        weights: sha256 of the weights' file.
    """

    key: str
    identity: str
    environment: str
    groups: Annotated[list[str], Field(min_length=1)]
    input: Literal["image", "patch"]
    size: Annotated[int, Field(ge=32, multiple_of=32)]
    resize: Literal["antialias", "bilinear", "nearest"]
    stride: Count | None
    input_scale: Literal["bytes", "unit"]
    head: Literal["gap", "fc"]
    convolutions: Annotated[list[Count], Field(min_length=13, max_length=13)]
    hidden: Annotated[list[Count], Field(min_length=2, max_length=2)]
    bits: Literal[8, 10, 12, 14, 16]
    thresholds: Thresholds
    rule: ThresholdRule
    costs: CardCosts
    validation_cost: float
    validated_on: str
    data: str
    weights: str

    @model_validator(mode="after")
    def _windows_of_patches_alone(self) -> Self:
        if (self.stride is None) != (self.input == "image"):
            raise ValueError(f"stride: {self.stride} does not go with inputs of kind {self.input}")
        if self.stride is not None and self.stride > self.size:
            raise ValueError(f"stride: {self.stride} leaves gaps between windows of {self.size}")
        return self


def write_card(card: Card, path: Path) -> None:
    """Write the card as JSON."""
    write_json(path, card.model_dump())


def read_card(path: Path) -> Card:
    """The card of an inspector.

    Raises:
        UserError: it is not there, or is none.
    """
    try:
        return Card.model_validate(read_json(path))
    except FileNotFoundError:
        raise UserError(f"{path}: not there yet; `dvc repro` makes it") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise UserError(
            f"{path}: not the card of an inspector ({place}{': ' if place else ''}{said}); {ANEW}"
        ) from error
    except ValueError as error:
        raise UserError(f"{path}: not the card of an inspector; {ANEW}") from error
