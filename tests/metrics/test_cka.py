"""Kernel alignment against the definitions term by term, and its invariances."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagm_transfer.metrics.cka import cka_inside_labels, debiased_linear_cka, linear_cka


def hsic(k, m):
    """Biased, by the centring matrix."""
    n = len(k)
    h = np.eye(n) - 1 / n
    return np.trace(k @ h @ m @ h)


def unbiased_hsic(k, m):
    """By Song 2012, equation 4: as sums over tuples of different inputs."""
    n = len(k)
    pairs = sum(k[i, j] * m[i, j] for i, j in itertools.permutations(range(n), 2))
    fours = sum(k[i, j] * m[q, r] for i, j, q, r in itertools.permutations(range(n), 4))
    threes = sum(k[i, j] * m[i, q] for i, j, q in itertools.permutations(range(n), 3))
    return (
        pairs / (n * (n - 1))
        + fours / (n * (n - 1) * (n - 2) * (n - 3))
        - 2 * threes / (n * (n - 1) * (n - 2))
    )


@pytest.mark.parametrize(
    ("cka", "estimate"), [(linear_cka, hsic), (debiased_linear_cka, unbiased_hsic)]
)
def test_it_is_the_ratio_of_the_estimates(cka, estimate):
    random = np.random.default_rng(0)
    x = random.standard_normal((8, 5)) + 3
    y = x[:, :3] + 0.5 * random.standard_normal((8, 3))
    k, m = x @ x.T, y @ y.T
    expected = estimate(k, m) / np.sqrt(estimate(k, k) * estimate(m, m))
    assert cka(x, y) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("cka", [linear_cka, debiased_linear_cka])
@given(seed=st.integers(0, 2**16), scale=st.floats(1e-3, 1e3), shift=st.floats(-10, 10))
@settings(max_examples=25, deadline=None)
def test_neither_turning_scaling_nor_shifting_changes_it(cka, seed, scale, shift):
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((12, 6)), random.standard_normal((12, 4))
    turn, _ = np.linalg.qr(random.standard_normal((6, 6)))
    assert cka(scale * x @ turn + shift, y) == pytest.approx(cka(x, y), abs=1e-7)
    assert cka(x, y) == pytest.approx(cka(y, x), abs=1e-9)
    assert cka(x, x) == pytest.approx(1)


def test_the_debiased_one_is_about_nought_between_strangers_on_average():
    random = np.random.default_rng(0)
    drawn = [
        (random.standard_normal((20, 100)), random.standard_normal((20, 100))) for _ in range(200)
    ]
    assert np.mean([debiased_linear_cka(x, y) for x, y in drawn]) == pytest.approx(0, abs=0.02)
    assert np.mean([linear_cka(x, y) for x, y in drawn]) > 0.7


@pytest.mark.parametrize("cka", [linear_cka, debiased_linear_cka])
def test_what_does_not_vary_has_no_alignment(cka):
    assert np.isnan(cka(np.ones((6, 3)), np.random.default_rng(0).random((6, 3))))


def test_other_numbers_of_inputs_and_too_few_are_refused():
    with pytest.raises(ValueError, match="6 and 5 inputs"):
        linear_cka(np.ones((6, 2)), np.ones((5, 2)))
    with pytest.raises(ValueError, match="too few"):
        debiased_linear_cka(np.ones((3, 2)), np.ones((3, 2)))


def test_inside_labels_it_is_the_mean_over_those_that_have_enough():
    random = np.random.default_rng(0)
    x, y = random.standard_normal((13, 3)), random.standard_normal((13, 4))
    labels = np.array([0] * 5 + [1] * 5 + [2] * 3)
    each = [debiased_linear_cka(x[:5], y[:5]), debiased_linear_cka(x[5:10], y[5:10])]
    assert cka_inside_labels(x, y, labels) == pytest.approx(np.mean(each))
    assert np.isnan(cka_inside_labels(x[10:], y[10:], labels[10:]))


def test_inside_labels_one_that_does_not_vary_is_left_out():
    x = np.random.default_rng(0).standard_normal((8, 3))
    x[:4] = 1.0
    assert cka_inside_labels(x, x, np.repeat([0, 1], 4)) == pytest.approx(1)


def test_inside_labels_the_inputs_must_be_the_same():
    x = np.ones((8, 3))
    with pytest.raises(ValueError, match="8, 8 inputs, 7 labels"):
        cka_inside_labels(x, x, np.zeros(7, dtype=np.int64))
