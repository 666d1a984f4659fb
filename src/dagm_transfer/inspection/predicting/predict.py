"""Image files judged one after the other by an opened inspector."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.parallel import ordered_map
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.pixels.images import SAID, Picture, Trait
from dagm_transfer.inspection.opened import Opened
from dagm_transfer.inspection.predicting.image_files import ImageFile, read_image
from dagm_transfer.inspection.verdict import TooDeepError, Verdict, as_trained, judge_levels
from dagm_transfer.judging.windows import Bytes

READERS = 1  # threads: one keeps ahead of any network, and images may be large
COLUMNS = ("image", "group", "score", "decision", "seconds", "error")
DEFECTIVE, NORMAL = "defective", "normal"


@dataclass(frozen=True)
class Prediction:
    """One image file as it was judged.

    Attributes:
        file: where it lies.
        seconds: that reading and judging it took.
        picture: as it was read; None where it could not be.
        verdict: None where there is none.
        error: why there is none.
    """

    file: ImageFile
    seconds: float
    picture: Picture | None = None
    verdict: Verdict | None = None
    error: str | None = None

    def row(self) -> dict[str, str | float | None]:
        """Its row in the table of predictions."""
        row: dict[str, str | float | None] = {
            "image": shown(self.file.path),
            "seconds": round(self.seconds, 4),
            "error": self.error,
        }
        if self.verdict is not None:
            row |= {
                "group": self.verdict.group,
                "score": self.verdict.score,
                "decision": DEFECTIVE if self.verdict.defective else NORMAL,
            }
        return row


@dataclass
class Tally:
    """What became of all images, counted as they go by."""

    decisions: Counter[str] = field(default_factory=Counter)
    traits: Counter[Trait] = field(default_factory=Counter)
    padded: int = 0
    shallow: int = 0
    unjudged: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Images so far, those among them that could not be judged."""
        return self.decisions.total() + len(self.unjudged)

    def add(self, prediction: Prediction) -> None:
        """Count one more image."""
        verdict, picture = prediction.verdict, prediction.picture
        if verdict is None:
            self.unjudged.append(shown(prediction.file.path))
        else:
            self.decisions[DEFECTIVE if verdict.defective else NORMAL] += 1
            self.padded += verdict.padded
        if verdict is not None and picture is not None:
            self.traits.update(picture.traits)
            self.shallow += picture.levels.dtype != np.uint8

    def said(self, opened: Opened) -> Iterator[str]:
        """What a person should know of how images were read, a line each."""
        for trait, text in SAID.items():
            if count := self.traits[trait]:
                yield f"{counted(count)}: {text}"
        if self.padded:
            size = opened.card.size
            yield (
                f"{counted(self.padded)}: smaller than a window of {size}x{size} pixels, mirrored "
                "at the right and lower border"
            )
        if self.shallow:
            yield f"{counted(self.shallow)}: stored with 16 bits, read as {opened.card.bits}"


def predictions(opened: Opened, files: Sequence[ImageFile]) -> Iterator[Prediction]:
    """Every file judged, in order; what cannot be judged is a prediction with an error.

    Files are read in another thread while those before them are judged; few are in memory at once.
    """
    with closing(ordered_map(_read, files, READERS)) as read:
        for seen in read:
            yield seen if seen.picture is None else _judged(opened, seen, seen.picture)


def pixels_of(opened: Opened, prediction: Prediction) -> Bytes:
    """The grey bytes [H, W] of an image that was judged."""
    assert prediction.picture is not None
    return as_trained(prediction.picture.levels, opened.card)


def counted(images: int) -> str:
    """How many images, in words.

    >>> counted(1), counted(2)
    ('1 image', '2 images')
    """
    return "1 image" if images == 1 else f"{images} images"


def _read(file: ImageFile) -> Prediction:
    began = time.perf_counter()
    picture = error = None
    try:
        picture = read_image(file)
    except UserError as met:
        error = str(met)
    return Prediction(file, time.perf_counter() - began, picture, error=error)


def _judged(opened: Opened, seen: Prediction, picture: Picture) -> Prediction:
    began = time.perf_counter()
    verdict = error = None
    try:
        verdict = judge_levels(opened, picture.levels)
    except TooDeepError as met:
        error = f"{met}; say with --bits how many the camera has"
    except UserError as met:
        error = str(met)
    seconds = seen.seconds + time.perf_counter() - began
    return Prediction(seen.file, seconds, picture, verdict, error)
