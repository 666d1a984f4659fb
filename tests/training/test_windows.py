"""Whole images covered by windows."""

import numpy as np
import pytest
import torch
from scipy.special import softmax

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import to_input
from dagm_transfer.training.windows import Windowing, image_score, image_texture, window_logits


@pytest.fixture
def wholes() -> Inputs:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 50, 80), dtype=np.uint8)
    return Inputs(pixels, np.array([0, 1]), ["a.png", "b.png"])


@pytest.fixture
def run(wholes, cpu):
    def windows(network, *, batch_size=4, on_image=lambda *_: None):
        return window_logits(
            network,
            wholes,
            Windowing(size=32, stride=24, scale="unit", batch_size=batch_size),
            cpu,
            on_image,
        )

    return windows


def test_each_window_is_what_the_network_says_of_that_piece_alone(run, wholes, make_network):
    network = make_network().eval()
    corners = [(left, top) for top in (0, 18) for left in (0, 24, 48)]
    with torch.inference_mode():
        for image, logits in zip(wholes.pixels, run(network), strict=True):
            pieces = [image[top : top + 32, left : left + 32] for left, top in corners]
            alone = [
                network(to_input(torch.from_numpy(piece.copy())[None, None], "unit"))
                for piece in pieces
            ]
            np.testing.assert_allclose(logits, torch.cat(alone).numpy(), rtol=1e-4, atol=1e-6)


def test_the_batch_size_changes_nothing(run, make_network):
    network = make_network()
    for one, many in zip(run(network, batch_size=1), run(network, batch_size=99), strict=True):
        np.testing.assert_allclose(one, many, rtol=1e-4, atol=1e-6)


def test_windows_are_judged_without_dropout(run, make_network):
    network = make_network(head="fc").train()
    assert all(np.array_equal(a, b) for a, b in zip(run(network), run(network), strict=True))


def test_progress_counts_the_images(run, make_network):
    told = []
    run(make_network(), on_image=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


@pytest.fixture
def logits() -> np.ndarray:
    return np.random.default_rng(0).normal(scale=3, size=(9, 6))


def test_an_image_scores_as_its_most_suspicious_window(logits):
    shares = softmax(logits, axis=1)
    odds = np.log(shares[:, 1::2].sum(axis=1) / shares[:, 0::2].sum(axis=1))
    assert image_score(logits) == pytest.approx(odds.max())


def test_the_texture_is_the_one_of_largest_mean_log_probability(logits):
    shares = softmax(logits, axis=1)
    textures = np.log(shares[:, 0::2] + shares[:, 1::2]).mean(axis=0)
    assert image_texture(logits) == textures.argmax()


def test_one_loud_window_does_not_outvote_the_others():
    # Nine windows see texture 0 at odds of e^2; one sees texture 1 at odds of e^10.
    logits = np.array([[2.0, 0.0, 0.0, 0.0]] * 9 + [[0.0, 0.0, 10.0, 0.0]])
    assert image_texture(logits) == 0
