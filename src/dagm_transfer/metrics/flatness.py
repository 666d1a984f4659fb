"""How curved the manifold is that features of one kind lie on, against null models that are flat.

The raw measure (after Brahma, Wu, She 2016) grows with the dimension of the features: a flat cloud
in 50 dimensions reads higher than a Swiss roll. So it stands beside what two nulls read that share
the features' covariance, or nearly that and each channel's own values.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import csgraph_from_dense, minimum_spanning_tree, shortest_path
from scipy.spatial.distance import pdist, squareform

Floats = NDArray[np.float64]

ROUNDS = 30  # of ranks and covariance by turns, at most: they settle before


@dataclass(frozen=True)
class Excess:
    """A discrepancy over that of surrogates.

    `mean` is the discrepancy less the surrogates' mean; `rank` the share of surrogates below it: 1
    where it lies above them all.
    """

    mean: float
    rank: float


@dataclass(frozen=True)
class Flatness:
    """The raw discrepancy, and its excess over both nulls."""

    discrepancy: float
    rotation: Excess
    channels: Excess


def geodesic_discrepancy(features: Floats, n_neighbors: int) -> float:
    """How much longer the ways along the manifold are: `D = sum(G - E) / sum(E)`.

    E are the Euclidean distances, G those along the graph of nearest neighbours (an edge where
    either is among the other's; edges of the minimum spanning tree are added where it falls apart).
    0 is flat. NaN where all points are one: such a collapse has no D.

    Source: after Brahma, Wu, She 2016.

    Args:
        features: [N, C], of one label; one patch an image, or siblings read as neighbours.
        n_neighbors: of each point in the graph.

    Raises:
        ValueError: there are no more points than neighbours.

    >>> line = np.arange(10.0)[:, None] * np.ones(3)
    >>> abs(round(geodesic_discrepancy(line, n_neighbors=2), 6))
    0.0
    """
    count = len(features)
    if count <= n_neighbors:
        raise ValueError(f"{count} points have no {n_neighbors} neighbours each")
    distances = squareform(pdist(features))
    if not distances.any():
        return float("nan")
    nearest = np.argsort(distances + np.diag([np.inf] * count), axis=1)[:, :n_neighbors]
    edges = np.full((count, count), np.inf)
    rows = np.arange(count)[:, None]
    edges[rows, nearest] = distances[rows, nearest]
    edges = np.minimum(edges, edges.T)
    ways = _ways(edges)
    if np.isinf(ways).any():
        # Zeros are no edges to scipy: points that coincide keep a trace of distance in the tree.
        tree = minimum_spanning_tree(np.maximum(distances, np.finfo(float).tiny)).toarray()
        joined = np.where((tree > 0) | (tree.T > 0), distances, np.inf)
        ways = _ways(np.minimum(edges, joined))
    return float((ways - distances).sum() / distances.sum())


def calibrated_flatness(features: Floats, n_neighbors: int, surrogates: int, seed: int) -> Flatness:
    """The discrepancy, and how far it lies above that of flat surrogates of both kinds.

    Args:
        features: [N, C], of one label.
        n_neighbors: of each point in the graph.
        surrogates: how many are drawn of each null.
        seed: of their draws.

    Raises:
        ValueError: there are no more points than neighbours.

    >>> angles, noise = np.linspace(0, np.pi, 80), np.random.default_rng(0).standard_normal((80, 5))
    >>> half_circle = np.pad(np.stack([np.cos(angles), np.sin(angles)], 1), ((0, 0), (0, 3)))
    >>> found = calibrated_flatness(half_circle + 0.1 * noise, n_neighbors=5, surrogates=9, seed=0)
    >>> found.rotation.rank, found.channels.rank
    (1.0, 1.0)
    """
    random = np.random.default_rng(seed)
    found = geodesic_discrepancy(features, n_neighbors)
    rotated, channels = [], []
    for _ in range(surrogates):
        rotated.append(geodesic_discrepancy(rotation_surrogate(features, random), n_neighbors))
        channels.append(geodesic_discrepancy(channel_surrogate(features, random), n_neighbors))
    return Flatness(found, _excess(found, rotated), _excess(found, channels))


def rotation_surrogate(features: Floats, random: np.random.Generator) -> Floats:
    """Features of exactly the same mean and covariance, and otherwise Gaussian-like: flat.

    The left singular vectors of the principal scores are drawn afresh, orthogonal to the mean.

    Args:
        features: [N, C].
        random: of the draw.

    Returns:
        [N, C].
    """
    return _rotated(len(features), *_principal(features), random)


def channel_surrogate(features: Floats, random: np.random.Generator) -> Floats:
    """Features with each channel's own values, zeros and tails kept, and nearly the covariance.

    By turns the values are put in the order of the surrogate's, channel by channel, and the result
    is turned to the covariance (Procrustes): the amplitude-adjusted surrogates of Schreiber and
    Schmitz 1996, for rows in place of time.

    Args:
        features: [N, C].
        random: of the draw.

    Returns:
        [N, C].
    """
    mean, axes, rank = _principal(features)
    values = np.sort(features, axis=0)
    found = _ranked(values, _rotated(len(features), mean, axes, rank, random))
    for _ in range(ROUNDS):
        again = _ranked(values, _polar((found - mean) @ axes.T) @ axes)
        if np.array_equal(again, found):
            break
        found = again
    return found


def _ways(edges: Floats) -> Floats:
    """Shortest ways along a graph; infinite where there is no edge, and where there is no way."""
    ways: Floats = shortest_path(csgraph_from_dense(edges, null_value=np.inf), directed=False)
    return ways


def _principal(features: Floats) -> tuple[Floats, Floats, int]:
    """The mean, the principal axes [r, C] as long as the features reach along them, the rank."""
    mean = features.mean(axis=0)
    _, strengths, axes = np.linalg.svd(features - mean, full_matrices=False)
    return mean, strengths[:, None] * axes, int((strengths > 1e-10 * strengths[0]).sum())


def _rotated(
    count: int, mean: Floats, axes: Floats, rank: int, random: np.random.Generator
) -> Floats:
    drawn: Floats = _fresh_rows(count, rank, random) @ axes[:rank] + mean
    return drawn


def _fresh_rows(count: int, rank: int, random: np.random.Generator) -> Floats:
    """Orthonormal columns [N, rank], orthogonal to the mean, of no preferred direction."""
    drawn = random.standard_normal((count, rank))
    orthonormal, signs = np.linalg.qr(drawn - drawn.mean(axis=0))
    return orthonormal * np.sign(np.diag(signs))


def _ranked(values: Floats, order: Floats) -> Floats:
    """Sorted values [N, C], in each channel in the order of another array's."""
    ranked = np.empty_like(values)
    np.put_along_axis(ranked, np.argsort(order, axis=0, kind="stable"), values, axis=0)
    return ranked


def _polar(matrix: Floats) -> Floats:
    """The matrix with orthonormal columns that lies nearest."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    orthonormal: Floats = left @ right
    return orthonormal


def _excess(found: float, surrogates: list[float]) -> Excess:
    return Excess(found - float(np.mean(surrogates)), float(np.mean(np.array(surrogates) < found)))
