"""How alike two sets of features of the same inputs are, whatever rotation lies between them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FEWEST = 4  # inputs that an unbiased estimate needs


def linear_cka(x: Floats, y: Floats) -> float:
    """Linear centred kernel alignment: 1 where one is a rotation of the other, scaled.

    NaN where one of them does not vary. With fewer inputs than channels it reads high even between
    unrelated features: see `debiased_linear_cka`.

    Source: Kornblith, Norouzi, Lee, Hinton 2019.

    Args:
        x: [N, C].
        y: [N, D], of the same inputs.

    Raises:
        ValueError: the numbers of inputs differ.

    >>> x = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    >>> round(linear_cka(x, 3 * x[:, ::-1]), 6)
    1.0
    """
    kernels = [_centred(kernel) for kernel in _kernels(x, y)]
    return _alignment(*(float((a * b).sum()) for a, b in _pairs(*kernels)))


def debiased_linear_cka(x: Floats, y: Floats) -> float:
    """The same with unbiased estimates: about 0 between unrelated features, however few inputs.

    It can fall below 0 by chance. NaN where one of them does not vary.

    Source: Song, Smola, Gretton, Bedo, Borgwardt 2012 for the estimate; Kornblith 2019.

    Args:
        x: [N, C].
        y: [N, D], of the same inputs.

    Raises:
        ValueError: the numbers of inputs differ, or there are fewer than four.

    >>> random = np.random.default_rng(0)
    >>> x, y = random.standard_normal((20, 200)), random.standard_normal((20, 200))
    >>> round(debiased_linear_cka(x, y), 2), round(linear_cka(x, y), 2)
    (0.12, 0.92)
    """
    if len(x) < FEWEST:
        raise ValueError(f"{len(x)} inputs are too few for an unbiased estimate")
    kernels = [kernel - np.diag(np.diag(kernel)) for kernel in _kernels(x, y)]
    return _alignment(*(_unbiased_hsic(a, b) for a, b in _pairs(*kernels)))


def cka_inside_labels(x: Floats, y: Floats, labels: NDArray[np.int64]) -> float:
    """The debiased one inside each label, and its mean over the labels.

    Over all inputs at once any two networks that tell the labels apart would be alike. NaN where
    no label has four inputs and features that vary.

    Args:
        x: [N, C].
        y: [N, D], of the same inputs.
        labels: [N].

    Raises:
        ValueError: the numbers of inputs differ.

    >>> x = np.random.default_rng(0).standard_normal((8, 3))
    >>> labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    >>> round(cka_inside_labels(x, x + 100 * labels[:, None], labels), 6)
    1.0
    """
    if not len(x) == len(y) == len(labels):
        raise ValueError(f"{len(x)}, {len(y)} inputs, {len(labels)} labels: must be the same ones")
    groups = [labels == label for label in np.unique(labels)]
    found = [debiased_linear_cka(x[at], y[at]) for at in groups if at.sum() >= FEWEST]
    finite = [value for value in found if np.isfinite(value)]
    return float(np.mean(finite)) if finite else float("nan")


def _kernels(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if len(x) != len(y):
        raise ValueError(f"{len(x)} and {len(y)} inputs: they must be the same ones")
    # Centred first: the mean would take the digits away, and changes neither estimate.
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    return x @ x.T, y @ y.T


def _pairs(k: Floats, m: Floats) -> tuple[tuple[Floats, Floats], ...]:
    return (k, m), (k, k), (m, m)


def _centred(kernel: Floats) -> Floats:
    columns = kernel.mean(axis=0)
    centred: Floats = kernel - columns - columns[:, None] + kernel.mean()
    return centred


def _unbiased_hsic(k: Floats, m: Floats) -> float:
    """Of kernels without their diagonals, times n (n - 3)."""
    n = len(k)
    return float(
        (k * m).sum()
        + k.sum() * m.sum() / ((n - 1) * (n - 2))
        - 2 * (k.sum(axis=0) @ m.sum(axis=0)) / (n - 2)
    )


def _alignment(shared: float, own: float, others: float) -> float:
    return shared / float(np.sqrt(own * others)) if own > 0 and others > 0 else float("nan")
