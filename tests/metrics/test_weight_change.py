"""The study's rate of change, and our angle, of a layer's kernels."""

import math

import numpy as np
import pytest
import torch

from dagm_transfer.metrics.weight_change import weight_angle, weight_change_rate


@pytest.fixture
def kernels() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    initial = torch.randn(8, 3, 3, 3, generator=generator)
    return initial, initial + 0.3 * torch.randn(8, 3, 3, 3, generator=generator)


def test_rate_is_the_distance_over_the_initial_norm(kernels):
    a, b = (kernel.numpy().astype(np.float64) for kernel in kernels)
    expected = math.sqrt(((b - a) ** 2).sum()) / math.sqrt((a**2).sum())
    assert weight_change_rate(*kernels) == pytest.approx(expected, rel=1e-12)


def test_rate_is_taken_against_the_initial_kernel_not_the_final_one():
    small, large = torch.ones(4), 3 * torch.ones(4)
    assert weight_change_rate(small, large) == pytest.approx(2)
    assert weight_change_rate(large, small) == pytest.approx(2 / 3)


def test_rate_of_a_kernel_that_stood_still_is_exactly_zero(kernels):
    assert weight_change_rate(kernels[0], kernels[0].clone()) == 0


def test_rate_of_half_precision_kernels_does_not_overflow():
    # The squares of these values have no place in float16.
    initial = torch.full((100,), 1000.0, dtype=torch.float16)
    assert weight_change_rate(initial, 2 * initial) == pytest.approx(1)


def test_angle_is_that_of_the_inner_product(kernels):
    a, b = (kernel.numpy().astype(np.float64).ravel() for kernel in kernels)
    expected = math.degrees(math.acos(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))))
    assert weight_angle(*kernels) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("factor", "degrees"), [(5.0, 0.0), (1e-3, 0.0), (-2.0, 180.0)])
def test_angle_does_not_see_the_scale(kernels, factor, degrees):
    assert weight_angle(kernels[0], factor * kernels[0]) == pytest.approx(degrees, abs=1e-4)


def test_angle_keeps_its_digits_near_zero():
    # The arc cosine of an inner product in double precision knows nothing below 1e-8 radians.
    tiny = 1e-10
    turned = torch.tensor([1.0, tiny], dtype=torch.float64)
    angle = weight_angle(torch.tensor([1.0, 0.0], dtype=torch.float64), turned)
    assert math.radians(angle) == pytest.approx(tiny, rel=1e-6)


@pytest.mark.parametrize("measure", [weight_change_rate, weight_angle])
def test_kernels_of_different_shapes_are_refused(measure):
    with pytest.raises(ValueError, match=r"\(4,\).*\(2, 2\)"):
        measure(torch.ones(4), torch.ones(2, 2))


@pytest.mark.parametrize("measure", [weight_change_rate, weight_angle])
def test_an_initial_kernel_of_zeros_is_refused(measure):
    with pytest.raises(ValueError, match="zero"):
        measure(torch.zeros(4), torch.ones(4))


def test_the_angle_to_a_final_kernel_of_zeros_is_refused():
    with pytest.raises(ValueError, match="zero"):
        weight_angle(torch.ones(4), torch.zeros(4))
