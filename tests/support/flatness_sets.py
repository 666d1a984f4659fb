"""Point sets that are curved and flat ones, for the calibration of the flatness measure."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.metrics.flatness import Excess, calibrated_flatness

Floats = NDArray[np.float64]
Make = Callable[[int, np.random.Generator], Floats]


def swiss_roll(count: int, random: np.random.Generator) -> Floats:
    turn = 1.5 * np.pi * (1 + 2 * random.random(count))
    return np.stack([turn * np.cos(turn), 21 * random.random(count), turn * np.sin(turn)], axis=1)


def half_circle(count: int, random: np.random.Generator) -> Floats:
    angle = np.pi * random.random(count)
    points = np.zeros((count, 10))
    points[:, 0], points[:, 1] = np.cos(angle), np.sin(angle)
    return points + 0.05 * random.standard_normal(points.shape)


def sphere(count: int, random: np.random.Generator) -> Floats:
    points = random.standard_normal((count, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def gaussian(dimensions: int) -> Make:
    return lambda count, random: random.standard_normal((count, dimensions))


def two_clusters(count: int, random: np.random.Generator) -> Floats:
    points = random.standard_normal((count, 10))
    points[: count // 2, 0] += 6
    return points


def sparse(count: int, random: np.random.Generator) -> Floats:
    active = random.random((count, 50)) < 0.1
    return active * random.exponential(size=(count, 50))


SETS: dict[str, Make] = {
    "Swiss roll": swiss_roll,
    "half circle in noise": half_circle,
    "sphere": sphere,
    **{f"Gaussian, {d} dimensions": gaussian(d) for d in (2, 10, 50, 200)},
    "cube, 10 dimensions": lambda count, random: random.random((count, 10)),
    "exponentials, 10 dimensions": lambda count, random: random.exponential(size=(count, 10)),
    "two clusters": two_clusters,
    "sparse channels, 10 % active": sparse,
}
CURVED = ("Swiss roll", "half circle in noise", "sphere")
FLAT = tuple(name for name in SETS if name not in CURVED)


@dataclass(frozen=True)
class Row:
    """What is found on a set of points, as means over several draws of the set."""

    discrepancy: float
    rotation: Excess
    channels: Excess


def measured(name: str, count: int, draws: int, surrogates: int) -> Row:
    """A set's flatness over so many draws of so many points, with 10 neighbours."""
    found = [
        calibrated_flatness(SETS[name](count, np.random.default_rng(draw)), 10, surrogates, draw)
        for draw in range(draws)
    ]
    excesses = [
        Excess(fmean(null.mean for null in nulls), fmean(null.rank for null in nulls))
        for nulls in zip(*((one.rotation, one.channels) for one in found), strict=True)
    ]
    return Row(fmean(one.discrepancy for one in found), *excesses)


TEXT = """# Is it the measure or the manifold?

`metrics/flatness.py` on sets of points that are curved (the first three) and flat (the others): means
over {draws} draws of each set, with {surrogates} surrogates of each null and 10 neighbours. D is the
raw geodesic discrepancy; beside it stands its excess over the mean of each null's surrogates, and in
brackets the share of surrogates that lie below it. A flat set lies anywhere among its surrogates, so
on average above half of them; a curved one lies above all, or with 71 points above nearly all.

The raw measure does not tell the sets apart: it grows with the dimension. The rotation null is exact
for Gaussians alone: sets that are sparse, skewed, clustered or bounded lie above or below it without
being curved. The channel-preserving null keeps each channel's own values.

| set | points | D | over rotation | over channels |
|---|---|---|---|---|
{rows}

Made by `make docs`.
"""  # noqa: E501 - prose of a page


def page(draws: int = 3, surrogates: int = 19) -> str:
    """The text of docs/flatness.md."""
    lines = []
    for count in (71, 300):
        for name in SETS:
            row = measured(name, count, draws, surrogates)
            nulls = [f"{n.mean:+.3f} ({n.rank:.0%})" for n in (row.rotation, row.channels)]
            lines.append(f"| {name} | {count} | {row.discrepancy:.2f} | {' | '.join(nulls)} |")
    return TEXT.format(draws=draws, surrogates=surrogates, rows="\n".join(lines))


if __name__ == "__main__":
    sys.stdout.write(page())
