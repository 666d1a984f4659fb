"""Which domains are held against each other, at equal counts, and how far they lie apart.

Photographs against the target is the question; the other pairs are what its numbers are read
against: two halves of one domain (the same), domains of one kind, the target without structure. All
groups together are a wide domain, and nothing lies far from a wide one measured by its width: so
photographs are held against each group alone as well, as groups are against each other.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.analysis.domains.domain_inputs import SCRAMBLED, DomainInputs, Rows
from dagm_transfer.analysis.paths import TARGET
from dagm_transfer.metrics.domains import (
    FEWEST,
    domain_accuracy,
    foreign_neighbors,
    graded_distance,
)

Floats = NDArray[np.float64]

SEED = 0  # of halves, draws and folds
ANIMALS, THINGS = "animals", "things"
# Of the 1,000 categories of ImageNet the animals have the lowest WordNet ids, up to the puffer's.
WORDNET_ID = re.compile(r"n(\d{8})(?!\d)")
LAST_ANIMAL = 2655020
LEAST_SHARE = 0.25  # of a domain: fewer animals or things would thin all other pairs


METRICS = (
    "domain_accuracy",
    "foreign_neighbors",
    "foreign_neighbors_a",
    "foreign_neighbors_b",
    "graded_distance",
)


@dataclass(frozen=True)
class Pair:
    """Two domains; `kind` says what they are held against each other for."""

    kind: str
    a: str
    b: str
    a_rows: Rows
    b_rows: Rows


def animals_and_things(names: Sequence[str]) -> tuple[Rows, Rows] | None:
    """Which of these photographs show animals and which things, by their WordNet ids.

    None where a file name does not begin with one, or where either kind is rare.

    >>> animals_and_things(["n01440764_tench.jpg", "n02676566_guitar.jpg"])
    (array([0]), array([1]))
    """
    found = [WORDNET_ID.match(name.rpartition("/")[2]) for name in names]
    numbers = [int(match[1]) for match in found if match]
    if len(numbers) < len(names):
        return None
    animal = np.array(numbers) <= LAST_ANIMAL
    if min(animal.sum(), (~animal).sum()) < LEAST_SHARE * len(names):
        return None
    return np.flatnonzero(animal), np.flatnonzero(~animal)


def pairs_of(inputs: DomainInputs) -> list[Pair]:
    """All pairs, as many rows on either side of every one, and no row on both sides."""
    random = np.random.default_rng(SEED)
    photographs, pooled = inputs.photographs, inputs.pooled
    pairs = [
        Pair("source and target", name, TARGET, rows, pooled) for name, rows in photographs.items()
    ]
    pairs += [
        Pair("source and one group", name, group, rows, group_rows)
        for name, rows in photographs.items()
        for group, group_rows in inputs.groups.items()
    ]
    pairs += _each_two("photographs", photographs)
    for name, rows in photographs.items():
        if kinds := animals_and_things(inputs.names[name]):
            a, b = (rows[places] for places in kinds)
            pairs.append(Pair("animals and things", f"{name}, animals", f"{name}, things", a, b))
    pairs += _each_two("groups", inputs.groups)
    pairs.append(Pair("scrambled", TARGET, SCRAMBLED, pooled, inputs.scrambled))
    for name, rows in {**photographs, TARGET: pooled}.items():
        a, b = np.array_split(random.permutation(rows), 2)
        pairs.append(Pair("halves", f"{name}, a half", f"{name}, the other", a, b))
    count = min(min(len(pair.a_rows), len(pair.b_rows)) for pair in pairs)

    def drawn(rows: Rows) -> Rows:
        return np.sort(random.permutation(rows)[:count])

    return [replace(p, a_rows=drawn(p.a_rows), b_rows=drawn(p.b_rows)) for p in pairs]


def values_of(pair: Pair, features: Floats) -> Iterator[tuple[str, float]]:
    """Each metric of a pair by its name; NaN where there are too few points, or none finite."""
    a, b = features[pair.a_rows], features[pair.b_rows]
    if min(len(a), len(b)) < FEWEST or not (np.isfinite(a).all() and np.isfinite(b).all()):
        yield from ((name, float("nan")) for name in METRICS)
        return
    foreign = foreign_neighbors(a, b, SEED)
    found = (
        domain_accuracy(a, b, SEED), foreign.mean, foreign.of_a, foreign.of_b, graded_distance(a, b)
    )  # fmt: skip
    yield from zip(METRICS, found, strict=True)


def _each_two(kind: str, domains: Mapping[str, Rows]) -> Iterator[Pair]:
    for (a, a_rows), (b, b_rows) in itertools.combinations(domains.items(), 2):
        yield Pair(kind, a, b, a_rows, b_rows)
