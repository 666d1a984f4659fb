"""What can be exported: a network with its card, and what it made of the judged images."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import Cell
from dagm_transfer.inspection.exporting.agreement import Compared
from dagm_transfer.inspection.exporting.finished_run import (
    FinishedRun,
    JudgedImage,
    float32_logits,
)
from dagm_transfer.judging.card import Card
from dagm_transfer.judging.judged_sets import Progress
from dagm_transfer.judging.windows import Floats, Logits
from dagm_transfer.models.vgg16 import VGG16

Bars = Callable[[str], AbstractContextManager[Progress]]  # a bar for work of this name


@dataclass(frozen=True)
class Compaction:
    """How a network was made smaller.

    Attributes:
        layers: a row a layer, and the sum (see layer_sizes.py).
        facts: what was kept, measured, trained and verified, as JSON holds it.
    """

    layers: Sequence[Mapping[str, Cell]]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Exportable:
    """A network that can be exported.

    Attributes:
        network: in evaluation mode.
        card: how it judges; it names its weights once they are written.
        logits: [windows, labels] of each judged image, by its name.
        compaction: how it was made smaller, where it was.
    """

    network: VGG16
    card: Card
    logits: Mapping[str, Floats] = field(repr=False)
    compaction: Compaction | None


def as_it_is(run: FinishedRun, bars: Bars) -> Exportable:
    """The run's network as it was trained; of the judged images those of the test part.

    Raises:
        UserError: its logits are no finite numbers.
    """
    network = run.inspector.network.network
    with bars(f"test images of {run.card.key}") as on_image:
        logits = judged_logits(run, float32_logits(network, run.card), run.of("test"), on_image)
    return Exportable(network, run.card, logits, compaction=None)


def judged_logits(
    run: FinishedRun, logits: Logits, images: Sequence[JudgedImage], on_image: Progress
) -> dict[str, Floats]:
    """Logits [windows, labels] that a network gives judged images, by name.

    Raises:
        UserError: one is no finite number.
    """
    found = {}
    for each, pixels in run.taken_in(images, on_image):
        found[each.image] = logits(pixels)
        if not np.isfinite(found[each.image]).all():
            raise UserError(
                f"{run.card.key}: its logits are no finite numbers, so its training diverged; "
                "train it with a smaller learning rate"
            )
    return found


def beside_each_other(
    images: Sequence[JudgedImage], first: Mapping[str, Floats], second: Mapping[str, Floats]
) -> Iterator[Compared]:
    """Images with the logits that two networks gave."""
    for each in images:
        yield Compared(each.image, first[each.image], second[each.image])
