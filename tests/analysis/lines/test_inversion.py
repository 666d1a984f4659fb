"""Feature inversion: it comes near, always to the same image, and says so where it cannot."""

import numpy as np
import pytest
import torch
from small import SIZE, small_inputs, small_network

from dagm_transfer.analysis.lines.cut import cut_behind
from dagm_transfer.analysis.lines.inversion import invert


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


@pytest.fixture
def grey():
    return torch.from_numpy(small_inputs(1).pixels)[:, None]


def inverted(depth, grey, iterations=150, scale="bytes"):
    cut = cut_behind(small_network(), depth, scale)
    sought = cut.features(grey)
    return invert(cut, sought, SIZE, iterations, lambda: None), cut, sought


@pytest.mark.parametrize("scale", ["bytes", "unit"])
@pytest.mark.parametrize("depth", [1, 2])
def test_features_of_the_first_depths_come_near_those_of_the_image(grey, depth, scale):
    found, cut, sought = inverted(depth, grey, scale=scale)
    assert found.images.dtype == np.uint8
    assert found.images.shape == (4, SIZE, SIZE)
    assert (found.errors < 0.25).all()
    assert (found.errors < 0.5 * found.start).all()
    reached = cut.features(torch.from_numpy(found.images)[:, None])
    expected = (reached - sought).flatten(1).norm(dim=1) / sought.flatten(1).norm(dim=1)
    assert found.errors == pytest.approx(expected.numpy(), rel=1e-4)


def test_the_image_itself_comes_back_from_the_first_depth(grey):
    found, *_ = inverted(1, grey)
    for image, original in zip(found.images, grey[:, 0].numpy(), strict=True):
        assert np.corrcoef(image.ravel(), original.ravel())[0, 1] > 0.8


def test_the_same_call_gives_the_same_bytes_and_every_image_is_a_problem_of_its_own(grey):
    (first, *_), (again, *_) = inverted(2, grey, 20), inverted(2, grey, 20)
    assert first.images.tobytes() == again.images.tobytes()
    alone, *_ = inverted(2, grey[:1], 20)
    assert np.abs(alone.images[0].astype(int) - first.images[0]).max() <= 1


def test_what_cannot_be_inverted_is_grey_and_has_no_error():
    cut = cut_behind(small_network(), 2, "bytes")
    shape = cut.features(torch.zeros(1, 1, SIZE, SIZE)).shape[1:]
    sought = torch.stack([torch.zeros(shape), torch.full(shape, torch.nan), torch.ones(shape)])
    found = invert(cut, sought, SIZE, 2, lambda: None)
    assert np.isnan(found.errors[:2]).all()
    assert np.isfinite(found.errors[2])
    assert np.ptp(found.images[:2]) == 0
    assert np.ptp(found.images[2]) > 0


def test_steps_are_counted():
    told = []
    cut = cut_behind(small_network(), 1, "bytes")
    invert(cut, cut.features(torch.ones(1, 1, SIZE, SIZE)), SIZE, 3, lambda: told.append(1))
    assert len(told) == 3
