"""The eight rotations and reflections of a square."""

import pytest
import torch

from dagm_transfer.training.augment import rotate_and_flip


@pytest.fixture
def images() -> torch.Tensor:
    """Eight times the same image of two channels, without any symmetry."""
    return torch.arange(2 * 5 * 5, dtype=torch.uint8).view(1, 2, 5, 5).expand(8, 2, 5, 5)


@pytest.fixture
def turned(images) -> torch.Tensor:
    return rotate_and_flip(images, torch.arange(8))


def test_choices_are_the_eight_rotations_and_reflections(images, turned):
    image = images[0]
    group = [torch.rot90(i, k, (1, 2)) for i in (image, image.flip(2)) for k in range(4)]
    assert {tuple(i.flatten().tolist()) for i in turned} == {
        tuple(i.flatten().tolist()) for i in group
    }
    assert len({tuple(i.flatten().tolist()) for i in turned}) == 8


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (0, lambda i: i),
        (1, lambda i: i.flip(2)),
        (2, lambda i: i.flip(1)),
        (3, lambda i: torch.rot90(i, 2, (1, 2))),
        (4, lambda i: i.transpose(1, 2)),
        # Columns to the left first, then the axes swapped: a quarter turn counter-clockwise.
        (5, lambda i: torch.rot90(i, 1, (1, 2))),
        (6, lambda i: torch.rot90(i, -1, (1, 2))),
        (7, lambda i: torch.rot90(i, 2, (1, 2)).transpose(1, 2)),
    ],
)
def test_each_choice_does_what_its_bits_say(images, turned, choice, expected):
    assert torch.equal(turned[choice], expected(images[0]))


def test_each_image_of_a_batch_is_turned_by_its_own_choice():
    batch = torch.randn(4, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    choices = torch.tensor([5, 0, 2, 5])
    together = rotate_and_flip(batch, choices)
    alone = [rotate_and_flip(batch[n : n + 1], choices[n : n + 1]) for n in range(4)]
    assert torch.equal(together, torch.cat(alone))


def test_bytes_stay_bytes_and_the_batch_stays_as_it_was(images, turned):
    assert turned.dtype == torch.uint8
    assert torch.equal(images[7], torch.arange(50, dtype=torch.uint8).view(2, 5, 5))
