"""How far a layer's weights went during training."""

import math

from torch import Tensor


def weight_change_rate(initial: Tensor, final: Tensor) -> float:
    """The study's gamma of one layer: `||final - initial||_2 / ||initial||_2`, kernels only.

    Source: Kim, Noh, Park 2020. The rate depends on the scale of the initial weights; compare it
    with `weight_angle`, which does not.

    Args:
        initial: kernel before training, any shape.
        final: kernel after training, the same shape.

    Raises:
        ValueError: the shapes differ, or the initial kernel is zero.

    >>> import torch
    >>> weight_change_rate(torch.tensor([3.0, 4.0]), torch.tensor([3.0, 5.0]))
    0.2
    """
    _check_shapes(initial, final)
    before = initial.double().norm()
    if before == 0:
        raise ValueError("the initial kernel is zero: its rate of change is not defined")
    return float((final.double() - initial.double()).norm() / before)


def weight_angle(initial: Tensor, final: Tensor) -> float:
    """The angle between a layer's kernels before and after training, in degrees.

    Our addition to the study: blind to the scale of both.

    Args:
        initial: kernel before training, any shape.
        final: kernel after training, the same shape.

    Raises:
        ValueError: the shapes differ, or one kernel is zero.

    >>> import torch
    >>> round(weight_angle(torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0])), 6)
    45.0
    """
    _check_shapes(initial, final)
    a, b = initial.double().flatten(), final.double().flatten()
    norm_a, norm_b = a.norm(), b.norm()
    if norm_a == 0 or norm_b == 0:
        raise ValueError("a kernel is zero: its angle is not defined")
    a, b = a / norm_a, b / norm_b
    # Half-angle form: the arc cosine of the inner product loses half the digits near 0.
    return math.degrees(2 * math.atan2(float((a - b).norm()), float((a + b).norm())))


def _check_shapes(initial: Tensor, final: Tensor) -> None:
    if initial.shape != final.shape:
        raise ValueError(f"shapes differ: {tuple(initial.shape)} and {tuple(final.shape)}")
