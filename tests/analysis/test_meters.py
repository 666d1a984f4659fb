"""What is measured in one streamed pass, against all activations at once."""

import time
import tracemalloc

import numpy as np
import pytest
import torch
from small import SIZE, small_inputs, small_network

from dagm_transfer.analysis.meters.channel_maxima import ChannelMaxima
from dagm_transfer.analysis.meters.features import even_inputs
from dagm_transfer.analysis.meters.meter import stream
from dagm_transfer.analysis.meters.meters import METERS
from dagm_transfer.analysis.meters.pooled import PooledResponses
from dagm_transfer.analysis.meters.zero_share import ZeroShare
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import to_input
from dagm_transfer.models.vgg16 import DEPTHS, VGG16, initialise, layer_key

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def activations(network, inputs):
    """All of them, [N, C, H, W] by depth."""
    images = to_input(torch.from_numpy(inputs.pixels)[:, None], "unit")
    with torch.inference_mode():
        return {depth: out.clone() for depth, out in network.eval().activations(images)}


def measured(network, inputs, meters, batch_size=5, on_batch=lambda *_: None):
    return stream(
        network, inputs, meters, scale="unit", batch_size=batch_size, device=CPU, on_batch=on_batch
    )


class Count:
    """How many inputs of each label passed each depth."""

    def __init__(self):
        self.seen = torch.zeros(len(DEPTHS), 4)

    def update(self, depth, output, labels):
        assert len(output) == len(labels)
        for label in labels:
            self.seen[depth - 1, label] += 1

    def result(self):
        return {"seen": self.seen}


@pytest.mark.parametrize("batch_size", [1, 5, 12, 50])
def test_every_meter_sees_every_input_once_at_every_depth(batch_size):
    found = measured(small_network(), small_inputs(3), {"count": Count()}, batch_size)
    assert torch.equal(found["count/seen"], torch.full((13, 4), 3.0))


@pytest.mark.parametrize("batch_size", [1, 5, 50])
def test_what_is_counted_is_that_of_all_activations(batch_size, tmp_path):
    network, inputs = small_network(), small_inputs(3)
    counted = {"channel_maxima": ChannelMaxima(), "zero_share": ZeroShare()}
    with PooledResponses(lambda depth: tmp_path / f"{depth}.npy", 12) as pooled:
        found = measured(network, inputs, {**counted, "pooled": pooled}, batch_size)
    for depth, output in activations(network, inputs).items():
        everything = output.numpy()
        maxima = found[f"channel_maxima/{layer_key(depth)}"].numpy()
        np.testing.assert_allclose(maxima, everything.max(axis=(0, 2, 3)), rtol=1e-4, atol=1e-5)
        zeros = float(found[f"zero_share/{layer_key(depth)}"])
        assert zeros == pytest.approx((everything == 0).mean(), abs=2e-3)
        means = np.load(tmp_path / f"{depth}.npy")
        assert means.dtype == np.float32
        np.testing.assert_allclose(means, everything.mean(axis=(2, 3)), rtol=1e-3, atol=1e-5)


def test_a_share_of_what_is_not_a_number_is_none():
    network = small_network()
    with torch.no_grad():
        network.conv(9).bias.fill_(float("nan"))
    found = measured(network, small_inputs(1), {"zero_share": ZeroShare()})
    known = {depth for depth in DEPTHS if not found[f"zero_share/{layer_key(depth)}"].isnan()}
    assert known == set(range(1, 9))


def test_progress_counts_the_batches():
    told = []
    measured(small_network(), small_inputs(3), {}, 5, lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_memory_does_not_grow_with_the_images(tmp_path):
    def peak(count):
        pixels = np.lib.format.open_memmap(
            tmp_path / f"{count}.npy", mode="w+", dtype=np.uint8, shape=(count, SIZE, SIZE)
        )
        inputs = Inputs(pixels, np.zeros(count, dtype=np.int64), [""] * count)
        folder = tmp_path / f"of-{count}"
        tracemalloc.start()
        with PooledResponses(lambda depth: folder / f"{depth}.npy", count) as pooled:
            measured(small_network(), inputs, {"m": ChannelMaxima(), "p": pooled}, 50)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert np.load(folder / "13.npy", mmap_mode="r").shape == (count, 8)
        return found

    peak(50)  # what is imported and cached at the first time
    assert peak(5000) < 1.2 * peak(500)


def test_measuring_costs_little_beside_the_pass_itself(tmp_path):
    # At its full width, where a pass costs what it costs; 1.3 is aimed at, the rest is noise.
    network = VGG16(4, "gap", 64).eval()
    initialise(network, "he", seed=0)
    pixels = np.random.default_rng(0).integers(0, 256, (8, 64, 64), dtype=np.uint8)
    inputs = Inputs(pixels, np.zeros(8, dtype=np.int64), [""] * 8)

    def seconds(measure) -> float:
        began = time.process_time()
        measure()
        return time.process_time() - began

    def plain():
        with torch.inference_mode():
            for part in torch.from_numpy(pixels)[:, None].split(4):
                network.features(to_input(part, "unit"))

    def with_meters():
        made = {name: make() for name, make in METERS.items()}
        with PooledResponses(lambda depth: tmp_path / f"{depth}.npy", 8) as pooled:
            measured(network, inputs, {**made, "pooled": pooled}, batch_size=4)

    plain()  # what is allocated at the first time
    times = [(seconds(with_meters), seconds(plain)) for _ in range(5)]
    assert min(a for a, _ in times) < 1.5 * min(b for _, b in times)


def test_inputs_are_taken_evenly_and_siblings_last():
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 2])
    images = ["a", "a", "b", "c", "c", "d", "d", "e"]
    pixels = np.arange(8, dtype=np.uint8)[:, None, None]
    chosen = even_inputs(Inputs(pixels, labels, images), 6)
    assert chosen.labels.tolist() == [0, 0, 1, 1, 2]
    assert chosen.images == ["a", "b", "c", "d", "e"]
    assert chosen.pixels.ravel().tolist() == [0, 2, 3, 5, 7]
    assert len(even_inputs(Inputs(pixels, labels, images), 100).labels) == 8
