"""Domains side by side: what the trunk responds, how it is mapped, who is held against whom."""

import numpy as np
import pytest
import torch
from small import small_inputs, small_network

from dagm_transfer.analysis.domains.domain_inputs import domain_inputs
from dagm_transfer.analysis.domains.domain_maps import METHODS, pixel_statistics
from dagm_transfer.analysis.domains.domain_pairs import (
    METRICS,
    animals_and_things,
    pairs_of,
    values_of,
)
from dagm_transfer.analysis.domains.phase_scramble import phase_scrambled
from dagm_transfer.analysis.meters.pooled_at import pooled_responses
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.metrics.domains import domain_accuracy, foreign_neighbors, graded_distance
from dagm_transfer.models.initial import to_input

CPU = torch.device("cpu")
GROUPS = ["dark", "bright"]


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def photographs(count, seed=5, names=None):
    random = np.random.default_rng(seed)
    pixels = random.integers(100, 256, (count, 32, 32), np.uint8)
    return Inputs(pixels, np.zeros(count, np.int64), names or [f"{n}.jpg" for n in range(count)])


@pytest.fixture
def inputs():
    shown = {"cats": photographs(16), "dogs": photographs(16, 6)}
    return domain_inputs(shown, small_inputs(12), GROUPS, 16)


def test_responses_are_post_relu_outputs_averaged_over_places():
    network, told = small_network(), []
    pixels = photographs(21).pixels
    found = pooled_responses(
        network,
        pixels,
        [4, 13],
        scale="bytes",
        device=CPU,
        on_batch=lambda *done: told.append(done),
    )
    with torch.inference_mode():
        scaled = to_input(torch.from_numpy(pixels)[:, None], "bytes")
        outputs = dict(network.activations(scaled.clone()))
        expected = {d: out.mean(dim=(2, 3)).numpy() for d, out in outputs.items() if d in (4, 13)}
    assert found.keys() == {4, 13}
    for depth, pooled in found.items():
        np.testing.assert_allclose(pooled, expected[depth], rtol=1e-3, atol=1e-3)
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("method", METHODS)
def test_a_map_keeps_clusters_apart_and_is_the_same_again(method):
    random = np.random.default_rng(0)
    features = random.standard_normal((40, 10)) + 30 * np.repeat([[0], [1]], 20, axis=0)
    found = METHODS[method](features)
    assert found.shape == (40, 2)
    assert foreign_neighbors(found[:20], found[20:], 0).mean == 0
    assert np.array_equal(found, METHODS[method](features.copy()))


def test_principal_components_are_the_directions_of_most_variance():
    features = np.random.default_rng(0).standard_normal((30, 5)) * [1, 9, 1, 4, 1]
    found = METHODS["pca"](features)
    _, strengths, _ = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.linalg.norm(found, axis=0), strengths[:2])


def test_scrambled_images_keep_amplitudes_and_mean_and_lose_the_rest():
    y, x = np.mgrid[:64, :64]
    bar = np.full((64, 64), 120.0)
    bar[:, 30:34] = 150
    images = np.stack([bar, 120 + 20 * np.sin(x + y / 3)]).astype(np.uint8)
    found = phase_scrambled(images, 0)
    assert np.abs(found.mean(axis=(1, 2)) - images.mean(axis=(1, 2))).max() < 1
    before, after = (np.abs(np.fft.fft2(some.astype(float))) for some in (images, found))
    assert np.corrcoef(before[:, 1:].ravel(), after[:, 1:].ravel())[0, 1] > 0.99
    assert np.abs(np.corrcoef(images[0].ravel(), found[0].ravel())[0, 1]) < 0.5
    assert np.array_equal(found, phase_scrambled(images, 0))
    assert not np.array_equal(found, phase_scrambled(images, 1))


def test_rows_are_whose_they_are_said_to_be(inputs):
    assert np.array_equal(inputs.pixels[inputs.photographs["dogs"]], photographs(16, 6).pixels)
    dark, bright = (inputs.pixels[inputs.groups[name]] for name in GROUPS)
    assert np.median(dark) < 60 < np.median(bright)
    assert inputs.shown_domains == ["cats"] * 16 + ["dogs"] * 16 + ["dark"] * 8 + ["bright"] * 8
    assert len(inputs.scrambled) == 8
    assert len(inputs.pixels) == 32 + 16 + 8


def test_one_group_gives_as_many_inputs_as_several_together():
    one = small_inputs(12)
    one = Inputs(one.pixels[:24], one.labels[:24], one.images[:24])
    found = domain_inputs({"cats": photographs(8)}, one, ["dark"], 16)
    assert len(found.pooled) == 16
    assert "groups" not in {pair.kind for pair in pairs_of(found)}


def test_pairs_are_of_equal_counts_and_share_no_row(inputs):
    pairs = pairs_of(inputs)
    assert [(pair.kind, pair.a, pair.b) for pair in pairs] == [
        ("source and target", "cats", "target"),
        ("source and target", "dogs", "target"),
        *(("source and one group", a, b) for a in ("cats", "dogs") for b in GROUPS),
        ("photographs", "cats", "dogs"),
        ("groups", "dark", "bright"),
        ("scrambled", "target", "phase-scrambled target"),
        *(("halves", f"{a}, a half", f"{a}, the other") for a in ("cats", "dogs", "target")),
    ]
    assert {len(rows) for pair in pairs for rows in (pair.a_rows, pair.b_rows)} == {8}
    assert not any(set(pair.a_rows) & set(pair.b_rows) for pair in pairs)
    again = pairs_of(inputs)
    assert all(np.array_equal(a.a_rows, b.a_rows) for a, b in zip(pairs, again, strict=True))


def test_values_are_those_of_the_metrics(inputs):
    features = pixel_statistics(inputs.pixels)
    assert features[0, 0] == inputs.pixels[0].mean()
    for pair in pairs_of(inputs):
        a, b = features[pair.a_rows], features[pair.b_rows]
        found = dict(values_of(pair, features))
        assert tuple(found) == METRICS
        assert found["graded_distance"] == graded_distance(a, b)
        assert found["domain_accuracy"] == domain_accuracy(a, b, 0)
        foreign = foreign_neighbors(a, b, 0)
        assert (found["foreign_neighbors_a"], found["foreign_neighbors_b"]) == foreign
    broken = features * np.nan
    assert all(np.isnan(value) for _, value in values_of(pair, broken))


def test_animals_are_known_by_wordnet_ids_and_by_nothing_else():
    names = ["n01440764_tench.jpg", "x/n02655020.png", "n02676566_guitar.jpg", "n09193705_alp.jpg"]
    animals, things = animals_and_things(names)
    assert (animals.tolist(), things.tolist()) == ([0, 1], [2, 3])
    assert animals_and_things([*names, "holiday.jpg"]) is None
    assert animals_and_things(["n01440764.jpg"] * 9 + ["n02676566.jpg"]) is None, "too few things"
    inputs = domain_inputs(
        {"imagenet": photographs(16, names=names * 4)}, small_inputs(12), GROUPS, 16
    )
    (pair,) = (pair for pair in pairs_of(inputs) if pair.kind == "animals and things")
    assert set(pair.a_rows % 4) == {0, 1}
    assert set(pair.b_rows % 4) == {2, 3}
