"""A finished run: its inspector, its log, and the whole images that it was judged on."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Part, Prepared
from dagm_transfer.events.event import Begin
from dagm_transfer.events.log import begin_of, check_data, finished_log
from dagm_transfer.inspection.verdict import taken_in
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.inspector import Inspector, load_inspector, logits_of_network
from dagm_transfer.judging.judged_sets import Progress
from dagm_transfer.judging.judgement import Judgement, read_judgement
from dagm_transfer.judging.paths import JudgingPaths, judged_keys
from dagm_transfer.judging.scores import Labels
from dagm_transfer.judging.windows import BATCH, Bytes, Logits
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.paths import TrainingPaths

CPU = torch.device("cpu")  # in float32; a GPU multiplies with ten bits of mantissa


@dataclass(frozen=True)
class JudgedImage:
    """A whole image that a run was judged on."""

    part: Part
    image: str
    label: int


@dataclass(frozen=True)
class FinishedRun:
    """A run that was trained and judged in this project, over the data that it was trained on."""

    begin: Begin
    inspector: Inspector
    data: Prepared
    raw: Path
    root: Path
    images: Sequence[JudgedImage]

    @property
    def card(self) -> Card:
        """The inspector's card."""
        return self.inspector.card

    def of(self, part: Part) -> list[JudgedImage]:
        """The judged images of one part."""
        return [each for each in self.images if each.part == part]

    def taken_in(
        self, images: Sequence[JudgedImage], on_image: Progress
    ) -> Iterator[tuple[JudgedImage, Bytes]]:
        """What the network takes in of each image, one image at a time."""
        for done, each in enumerate(images, start=1):
            yield each, taken_in(read_pixels(self.raw / each.image), self.card).windows.pixels
            on_image(done, len(images))


def finished_run(key: str, *, data: Prepared, raw: Path, root: Path) -> FinishedRun:
    """A finished run by its key.

    Args:
        key: `VARIANT-sSEED`.
        data: that it was trained on; those of its seed are taken.
        raw: where the whole images lie.
        root: where the pipeline runs.

    Raises:
        UserError: there is no finished run of this key, or its data are no longer there.
    """
    paths = JudgingPaths(key)
    if not (root / paths.card).exists():
        there = ", ".join(judged_keys(root)) or "none yet"
        raise UserError(f"{key}: no finished run of this project; there are {there}")
    begin = begin_of(finished_log(TrainingPaths(key).log.below(root)))
    data = data.for_seed(begin.seed)
    check_data(begin, data.facts)
    inspector = load_inspector(root / paths.inspector)
    return FinishedRun(begin, inspector, data, raw, root, _judged(read_judgement(key, root)))


def float32_logits(network: VGG16, card: Card) -> Logits:
    """A network as a function on the CPU, in float32, as it is exported."""
    return logits_of_network(network, card.input_scale, BATCH, CPU)


def float64_logits(network: VGG16, card: Card) -> Logits:
    """The same in float64, where a sum in another order is the same sum."""
    exact = copy.deepcopy(network).double()
    return logits_of_network(exact, card.input_scale, BATCH, CPU)


def labels_of(images: Sequence[JudgedImage]) -> Labels:
    """The truth, [N]."""
    return np.array([each.label for each in images], dtype=np.int64)


def _judged(run: Judgement) -> list[JudgedImage]:
    parts: list[Part] = ["val", "test"]
    for part in parts:
        if not run.wholes(part).images:
            raise UserError(f"{run.key}: no judged whole images of {part}; `dvc repro` judges some")
    return [
        JudgedImage(part, image, int(label))
        for part in parts
        for image, label in zip(run.wholes(part).images, run.wholes(part).labels, strict=True)
    ]
