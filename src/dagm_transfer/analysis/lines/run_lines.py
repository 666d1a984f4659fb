"""The lines of one run between two labels: in numbers, in curves, and in pictures.

Which network a row tells of stands in its column `network`: `after` is the run's own with lines in
its features, `before` the same before training, `pixels` the run's own shown blended pixels (depth
0 is the input), and `judge` one that began elsewhere, shown what features were inverted to.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dagm_transfer.analysis.lines.cut import cut_behind, on_line
from dagm_transfer.analysis.lines.ends import Pair
from dagm_transfer.analysis.lines.feature_lines import (
    PLACES,
    Floats,
    line_logits,
    logits_of,
    mean_curve,
    mean_metrics,
    responses,
)
from dagm_transfer.analysis.lines.inversion import invert
from dagm_transfer.analysis.lines.off_line import across, flat, within
from dagm_transfer.analysis.settings import Interpolate
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import VGG16

Row = dict[str, str | int | float | None]
LINES = ("key", "pair", "depth", "network", "metric", "value")
CURVES = ("key", "pair", "depth", "network", "share", "p_a", "p_b", "third")
INPUT = 0  # the depth of pixels


@dataclass(frozen=True)
class ScaledNetwork:
    """A network, and the scale of the inputs that it was trained with."""

    network: VGG16
    scale: InputScale


@dataclass(frozen=True)
class LineInputs:
    """A pair of labels with all that its lines need, the same for all runs of a seed.

    Attributes:
        pair: the labels.
        place: of the pair among those at hand: its pictures' name.
        a: grey levels [E, 1, size, size] where lines begin, on the device as all that follows.
        b: where they end.
        real: grey levels [N, 1, size, size] of other inputs of both labels.
        labels: of those.
    """

    pair: Pair
    place: int
    a: Tensor
    b: Tensor
    real: Tensor
    labels: NDArray[np.int64]

    def blends(self, steps: int) -> Tensor:
        """Each pair of ends with its pixels blended: [E * steps, 1, size, size]."""
        return torch.cat([on_line(a, b, steps) for a, b in zip(self.a, self.b, strict=True)])


@dataclass
class Found:
    """What was found so far: rows of both tables, and pictures by name."""

    lines: list[Row] = field(default_factory=list)
    curves: list[Row] = field(default_factory=list)
    pictures: dict[str, NDArray[np.uint8]] = field(default_factory=dict)

    def add(
        self,
        where: tuple[str, str, int, str],
        metrics: Mapping[str, float],
        curve: list[Mapping[str, float]] | None = None,
    ) -> None:
        """Add the numbers of a key, pair, depth and network, and its curve."""
        place: Row = dict(zip(LINES, where, strict=False))
        self.lines += [{**place, "metric": m, "value": value} for m, value in metrics.items()]
        self.curves += [
            {**place, "share": n / (len(curve or []) - 1), **row}
            for n, row in enumerate(curve or [])
        ]


def add_lines(
    found: Found,
    key: str,
    inputs: LineInputs,
    networks: Mapping[str, ScaledNetwork],
    settings: Interpolate,
) -> None:
    """What a run's networks, `after` training and `before` it, make of the lines of a pair."""
    pair, after = inputs.pair, networks["after"]
    for depth in settings.depths:
        cut = cut_behind(after.network, depth, after.scale)
        with torch.inference_mode():
            ends = zip(cut.features(inputs.a), cut.features(inputs.b), strict=True)
        lines = [line_logits(cut, a, b) for a, b in ends]
        told = mean_metrics(lines, pair.a, pair.b)
        found.add((key, pair.name, depth, "after"), told, mean_curve(lines, pair.a, pair.b))
    shown = [
        logits_of(after.network, after.scale, blends)
        for blends in torch.split(inputs.blends(PLACES), PLACES)
    ]
    told = mean_metrics(shown, pair.a, pair.b)
    found.add((key, pair.name, INPUT, "pixels"), told, mean_curve(shown, pair.a, pair.b))
    for when, depth, metrics in _off_manifold(inputs, networks, settings):
        found.add((key, pair.name, depth, when), metrics)


def _off_manifold(
    inputs: LineInputs, networks: Mapping[str, ScaledNetwork], settings: Interpolate
) -> Iterator[tuple[str, int, dict[str, float]]]:
    """By network and depth, how far lines lead off the features of real inputs."""
    steps, count = settings.steps, len(inputs.a)
    for when, of in networks.items():
        grey = [inputs.real, inputs.a, inputs.b]
        grey += [inputs.blends(steps)] if when == "after" else []
        parts = [responses(of.network, of.scale, part, settings.depths) for part in grey]
        for depth in settings.depths:
            real, *others = (part[depth] for part in parts)
            a, b = (real[inputs.labels == label] for label in (inputs.pair.a, inputs.pair.b))
            ends = (others[0], others[1])
            flat_across, flat_within = flat(a, b, count, steps)
            yield when, depth, {
                "off_manifold": across(a, b, ends, steps),
                "off_manifold_flat": flat_across,
                "off_manifold_within": within(a, b, ends, steps),
                "off_manifold_within_flat": flat_within,
            }  # fmt: skip
            if when == "after":
                yield "pixels", depth, {"off_manifold": _of_blends(others[2], count, a, b)}


def _of_blends(blends: Floats, count: int, a: Floats, b: Floats) -> float:
    """The score of the features of blended pixels: they lie on no line, so each is its own."""
    inner = blends.reshape(count, -1, blends.shape[1])[:, 1:-1].reshape(-1, blends.shape[1])
    return across(a, b, (inner, inner), 3)


def add_pictures(
    found: Found,
    key: str,
    inputs: LineInputs,
    after: ScaledNetwork,
    judge: ScaledNetwork | None,
    settings: Interpolate,
    on_step: Callable[[], None],
) -> None:
    """The line between the first two ends as pictures: inverted, and as channel means.

    Args:
        found: where they go.
        key: of the run.
        inputs: the pair.
        after: the run's network.
        judge: an independent network that says what it sees in the inverted images; None: nobody.
        settings: steps, depths, iterations.
        on_step: called after each iteration of the descent.
    """
    pair, size = inputs.pair, inputs.a.shape[-1]
    blends = on_line(inputs.a[0], inputs.b[0], settings.steps)
    found.pictures[f"pixels/{key}/{inputs.place}"] = _bytes(blends[:, 0])
    _add_judged(found, (key, pair.name, INPUT, "judge"), pair, judge, blends)
    for depth in settings.depths:
        cut = cut_behind(after.network, depth, after.scale)
        with torch.no_grad():
            a, b = cut.features(torch.stack([inputs.a[0], inputs.b[0]]))
            line = on_line(a, b, settings.steps)
        made = invert(cut, line, size, settings.iterations, on_step)
        name = f"{key}/{inputs.place}/{depth}"
        found.pictures[f"inverted/{name}"] = made.images
        means = line.mean(dim=1).nan_to_num(0.0, 0.0, 0.0)
        found.pictures[f"means/{name}"] = _bytes(255 * means / means.max().clamp_min(1e-12))
        told = {"inversion_error": made.errors.mean(), "inversion_start": made.start.mean()}
        found.add((key, pair.name, depth, "after"), {n: float(v) for n, v in told.items()})
        grey = torch.from_numpy(made.images)[:, None].to(line.device)
        _add_judged(found, (key, pair.name, depth, "judge"), pair, judge, grey)


def _add_judged(
    found: Found,
    where: tuple[str, str, int, str],
    pair: Pair,
    judge: ScaledNetwork | None,
    grey: Tensor,
) -> None:
    """What an independent network sees in the pictures of a line [steps, 1, size, size]."""
    if judge is None:
        return
    seen = logits_of(judge.network, judge.scale, grey)
    told = mean_metrics([seen], pair.a, pair.b)
    told = {name: told[name] for name in ("coexistence", "third_labels", "ends_right")}
    found.add(where, told, mean_curve([seen], pair.a, pair.b))


def _bytes(grey: Tensor) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = grey.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
    return found
