"""The network as a run starts with it, and images as it takes them in."""

import numpy as np
import pytest
import torch
from small import NARROW

from dagm_transfer.models.initial import initial_network, to_input
from dagm_transfer.models.vgg16 import VGG16

IMAGENET_MEAN = np.array([123, 117, 104])  # of red, green and blue bytes, rounded


@pytest.fixture
def trunk() -> dict[str, torch.Tensor]:
    """A trunk that no initialisation draws."""
    state = VGG16(2, "gap", 32, NARROW).features.state_dict()
    return {f"features.{k}": torch.full_like(v, 0.125) for k, v in state.items()}


def make(init="he", seed=0, labels=4, trunk=None) -> VGG16:
    return initial_network(
        init=init,
        seed=seed,
        labels=labels,
        head="gap",
        size=32,
        trunk=trunk or {},
        widths=NARROW,
    )


def test_imagenet_puts_the_whole_trunk_in_place(trunk):
    state = make("imagenet", trunk=trunk).state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in trunk.items())


def test_the_head_over_the_trunk_is_drawn_by_the_seed(trunk):
    first, again, other = (
        make("imagenet", seed, trunk=trunk).head[-1].weight for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.std() > 0


@pytest.mark.parametrize("init", ["he", "xavier"])
def test_from_scratch_nothing_of_the_trunk_is_used(init, trunk):
    with_trunk, without = make(init, trunk=trunk).state_dict(), make(init).state_dict()
    assert all(torch.equal(with_trunk[name], without[name]) for name in without)


def test_initialisations_and_seeds_differ():
    weights = [make(init, seed).conv(5).weight for init in ("he", "xavier") for seed in (0, 1)]
    assert len({float(weight.detach().sum()) for weight in weights}) == 4


def test_the_network_has_its_labels_and_lies_channels_last(trunk):
    network = make("imagenet", labels=12, trunk=trunk)
    assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 12)
    assert network.conv(2).weight.is_contiguous(memory_format=torch.channels_last)


def test_a_trunk_of_another_shape_does_not_slip_in(trunk):
    trunk["features.0.weight"] = torch.zeros(4, 3, 5, 5)
    with pytest.raises(RuntimeError, match=r"features\.0\.weight"):
        make("imagenet", trunk=trunk)


@pytest.fixture
def pixels() -> torch.Tensor:
    random = np.random.default_rng(0)
    return torch.from_numpy(random.integers(0, 256, (2, 1, 5, 7), dtype=np.uint8))


def test_bytes_are_grey_levels_less_the_mean_of_each_colour(pixels):
    inputs = to_input(pixels, "bytes")
    expected = pixels.numpy().astype(float) - IMAGENET_MEAN[None, :, None, None]
    assert inputs.shape == (2, 3, 5, 7)
    np.testing.assert_allclose(inputs.numpy(), expected, atol=1e-2)


def test_unit_inputs_are_those_over_the_deviation(pixels):
    # 0.226 of 255: the mean of ImageNet's 0.229, 0.224, 0.225.
    expected = to_input(pixels, "bytes").numpy() / (255 * np.mean([0.229, 0.224, 0.225]))
    np.testing.assert_allclose(to_input(pixels, "unit").numpy(), expected, rtol=1e-5)


def test_inputs_lie_channels_last_and_the_bytes_stay(pixels):
    before = pixels.clone()
    inputs = to_input(pixels, "unit")
    assert inputs.is_contiguous(memory_format=torch.channels_last)
    assert inputs.dtype == torch.float32
    assert torch.equal(pixels, before)
