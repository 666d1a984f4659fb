"""The course of training: the layer metrics at the start, at the kept trunks, and at the end."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dagm_transfer.analysis.layer_metrics import OF_A_CHANGE, OF_A_MOMENT, Layer
from dagm_transfer.analysis.layers import (
    INITIAL,
    LayerValue,
    kernel_of,
    moment_of,
    of_change,
    of_moment,
)
from dagm_transfer.analysis.meters.features import BEFORE, Features, When, at
from dagm_transfer.analysis.settings import Analysis
from dagm_transfer.models.vgg16 import DEPTHS, VGG16

COLUMNS = ("iteration", "depth", "name", "metric", "value")


@dataclass(frozen=True)
class CourseValue:
    """A layer metric after so many iterations; a change is that from the start."""

    iteration: int
    value: LayerValue

    @property
    def row(self) -> dict[str, str | int | float]:
        """As a row of the table."""
        return {"iteration": self.iteration, **self.value.row}


def course_values(
    initial: VGG16,
    kept: Iterable[tuple[int, VGG16]],
    values: Sequence[LayerValue],
    features: Features,
    settings: Analysis,
    *,
    last: int,
) -> Iterator[CourseValue]:
    """The layer metrics at each moment of one run, moment by moment.

    Args:
        initial: the network before training.
        kept: iterations with the network as it was after them.
        values: the run's layer table: start and end are measured there.
        features: what each of them responds.
        settings: how they are measured.
        last: the iterations of the whole run; what was kept then is the end itself.
    """
    known = {(value.depth, value.metric): value.value for value in values}

    def layer(depth: int, when: When, network: VGG16) -> Layer:
        before, then = (moment_of(features, w, depth, settings) for w in (BEFORE, when))
        return Layer((kernel_of(initial, depth), kernel_of(network, depth)), before, then)

    for depth in DEPTHS:
        moments = {name: known[depth, f"{name}{INITIAL}"] for name in OF_A_MOMENT}
        yield from _told(0, depth, {**of_change(layer(depth, BEFORE, initial)), **moments})
    for step, network in kept:
        for depth in DEPTHS if step < last else ():
            there = layer(depth, at(step), network)
            yield from _told(step, depth, {**of_change(there), **of_moment(there.after)})
    for depth in DEPTHS:
        yield from _told(last, depth, {n: known[depth, n] for n in (*OF_A_CHANGE, *OF_A_MOMENT)})


def _told(step: int, depth: int, found: dict[str, float]) -> Iterator[CourseValue]:
    for name, value in found.items():
        yield CourseValue(step, LayerValue(depth, name, value))
