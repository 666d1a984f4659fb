"""Batches: even over the labels or over the epoch, and without a memory."""

from collections import Counter

import numpy as np
import pytest

from dagm_transfer.training.batches import Batches, groups_by_label, spread_subset

LABELS = np.repeat([0, 1, 2, 3], [50, 7, 20, 3])


@pytest.fixture
def even() -> Batches:
    return Batches(groups_by_label(LABELS), batch_size=8, seed=0)


def draw(batches: Batches, iterations: int) -> list[int]:
    return np.concatenate([batches.rows(i) for i in range(iterations)]).tolist()


def test_even_batches_hold_each_label_equally_often(even):
    for iteration in range(20):
        assert Counter(LABELS[even.rows(iteration)]) == dict.fromkeys(range(4), 2)


def test_labels_stay_even_over_batches_that_do_not_divide_by_them():
    batches = Batches(groups_by_label(LABELS), batch_size=6, seed=0)
    drawn = Counter(LABELS[draw(batches, 2)])
    assert drawn == dict.fromkeys(range(4), 3)


def test_every_row_of_a_label_comes_up_before_any_comes_again(even):
    rows = [row for row in draw(even, 35) if LABELS[row] == 1]
    assert len(rows) == 70
    for epoch in range(10):
        assert sorted(rows[7 * epoch : 7 * epoch + 7]) == list(range(50, 57))


def test_one_group_gives_every_row_once_an_epoch_in_another_order():
    batches = Batches([np.arange(12)], batch_size=5, seed=0)
    drawn = draw(batches, 12)
    epochs = [drawn[first : first + 12] for first in range(0, 60, 12)]
    assert all(sorted(epoch) == list(range(12)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 5


def test_labels_are_shuffled_apart_from_each_other():
    # Two labels of as many rows must not always be met in the same pairs.
    batches = Batches([np.arange(6), np.arange(6, 12)], batch_size=2, seed=0)
    assert len({row_b - row_a for row_a, row_b in map(batches.rows, range(6))}) > 1


@pytest.mark.parametrize("iterations", [[17], [3, 30, 17], [0, 1, 2, 17], [40, 17]])
def test_a_batch_depends_on_no_batch_before_it(even, iterations):
    fresh = Batches(groups_by_label(LABELS), batch_size=8, seed=0)
    expected = [even.rows(i) for i in range(41)][iterations[-1]]
    drawn = [fresh.rows(i) for i in iterations]
    assert drawn[-1].tolist() == expected.tolist()


def test_other_seeds_draw_otherwise(even):
    other = Batches(groups_by_label(LABELS), batch_size=8, seed=1)
    assert draw(other, 5) != draw(even, 5)


def test_orders_of_past_epochs_are_forgotten(even):
    draw(even, 200)
    assert len(even._orders) <= 2 * len(even.groups)  # noqa: SLF001 - memory shows nowhere else


def test_groups_hold_the_rows_of_the_labels_that_occur():
    groups = groups_by_label(np.array([5, 2, 5, 2, 2]))
    assert [group.tolist() for group in groups] == [[1, 3, 4], [0, 2]]


@pytest.mark.parametrize(("count", "each"), [(8, 2), (11, 2), (12, 3)])
def test_a_subset_is_spread_over_the_rows_of_each_label(count, each):
    labels = np.repeat([0, 1, 2, 3], 24)
    rows = spread_subset(labels, count)
    assert rows.tolist() == [24 * label + 24 // each * i for label in range(4) for i in range(each)]


def test_a_subset_is_of_many_images():
    # Four patches an image, one after the other: the first rows would be of a quarter as many.
    labels, images = np.repeat([0, 1], 48), np.arange(96) // 4
    assert len(set(images[spread_subset(labels, 24)])) == 24


def test_a_subset_holds_one_row_a_label_however_few_are_asked_for():
    assert spread_subset(LABELS, 1).tolist() == [0, 50, 57, 77]


def test_a_subset_of_more_than_there_is_holds_everything():
    assert spread_subset(LABELS, 1000).tolist() == list(range(80))
