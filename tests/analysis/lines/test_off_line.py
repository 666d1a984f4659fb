"""How far lines lead off: on flat sets as on their flat twins, on curved ones farther."""

import math

import numpy as np
import pytest

from dagm_transfer.analysis.lines.off_line import across, flat, off_line, within

STEPS = 7


def split(points, ends=10):
    return points[ends:], points[:ends]


def flat_labels(random):
    a, b = random.normal(size=(2, 210, 4))
    return a, b + 3


def arc_labels(random):
    angle = np.stack([random.uniform(1.6, 3.1, 210), random.uniform(0.0, 1.5, 210)])
    radius = 5 + random.normal(size=angle.shape) / 20
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def scores(labels):
    (a, ends_a), (b, ends_b) = map(split, labels)
    ends = (ends_a, ends_b)
    return (across(a, b, ends, STEPS), within(a, b, ends, STEPS)), flat(a, b, len(ends_a), STEPS)


def test_flat_labels_score_as_flat_sets_of_their_moments_do():
    found, control = scores(flat_labels(np.random.default_rng(0)))
    assert found == pytest.approx(control, rel=0.15)
    assert found[0] > 1.3 * found[1], "across labels it measures separation as well"


def test_curved_labels_score_more():
    found, control = scores(arc_labels(np.random.default_rng(0)))
    assert found[0] > 2 * control[0]
    assert found[1] > 2 * control[1]


def test_only_places_between_the_ends_count():
    random = np.random.default_rng(0)
    real, end = random.normal(size=(50, 2)), np.array([[1000.0, 0.0]])
    middle = off_line(end, -end, real, 3)  # one place, amid the real ones
    assert middle < 2 < off_line(end, end, real, 3)


def test_what_cannot_be_measured_is_no_number():
    a, b = flat_labels(np.random.default_rng(0))
    assert math.isnan(off_line(a[:1], b[:1], a[:5], STEPS)), "no more real ones than neighbours"
    assert math.isnan(within(a[3:], b[3:], (a[:1], b[:1]), STEPS)), "one end has no next"
    a[0] = np.nan
    assert math.isnan(off_line(b[:1], b[1:2], a, STEPS))
    assert all(map(math.isnan, flat(a, b, 2, STEPS)))
    assert all(map(math.isnan, flat(b[:1], b, 2, STEPS)))
