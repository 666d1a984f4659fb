"""What an inspector is, beside its weights: all that is needed to judge an image as it was judged.

On disk it is `models/KEY/card.json` beside `models/KEY/weights.safetensors`.
"""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json, write_json
from dagm_transfer.core.section import Section
from dagm_transfer.judging.threshold_rule import ThresholdRule


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
        identity: the run's, and `environment` the digest of what its numbers hang on besides.
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
    groups: list[str]
    input: Literal["image", "patch"]
    size: int
    resize: Literal["antialias", "bilinear", "nearest"]
    stride: int | None
    input_scale: Literal["bytes", "unit"]
    head: Literal["gap", "fc"]
    convolutions: list[int]
    hidden: list[int]
    bits: int
    thresholds: Thresholds
    rule: ThresholdRule
    costs: CardCosts
    validation_cost: float
    validated_on: str
    data: str
    weights: str


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
    except (ValueError, ValidationError) as error:
        raise UserError(f"{path}: not the card of an inspector; `dvc repro` makes it") from error
