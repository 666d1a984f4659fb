"""The network against torchvision's, and seen layer by layer."""

import math

import pytest
import torch
import torchvision
from small import NARROW
from torch import nn

from dagm_transfer.models.vgg16 import (
    DEPTHS,
    HEAD_ONLY,
    NAMES,
    VGG16,
    Widths,
    initialise,
    layer_key,
)

CHANNELS = [64, 64, 128, 128, *[256] * 3, *[512] * 6]
# Height and width of each convolution's output, of an input of 32.
SIDES = [32, 32, 16, 16, *[8] * 3, *[4] * 3, *[2] * 3]
SIZE = 32


@pytest.fixture(scope="module")
def network() -> VGG16:
    made = VGG16(4, "gap", SIZE).eval()
    initialise(made, "he", seed=0)
    return made


@pytest.fixture
def thin() -> VGG16:
    made = VGG16(4, "gap", SIZE, NARROW).eval()
    initialise(made, "he", seed=0)
    return made


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))


def torchvision_features() -> nn.Sequential:
    with torch.device("meta"):
        return torchvision.models.vgg16().features


def test_trunk_has_torchvisions_keys_and_shapes(network):
    expected = {k: v.shape for k, v in torchvision_features().state_dict().items()}
    assert {k: v.shape for k, v in network.features.state_dict().items()} == expected


@torch.inference_mode()
def test_trunk_computes_what_torchvisions_does(network, images):
    theirs = torchvision_features().to_empty(device="cpu").eval()
    theirs.load_state_dict(network.features.state_dict())
    torch.testing.assert_close(network.features(images), theirs(images))


@torch.inference_mode()
def test_the_gap_head_is_a_linear_layer_on_channel_means(thin, images):
    means = thin.features(images).flatten(2).mean(dim=2)
    linear = thin.head[-1]
    torch.testing.assert_close(thin(images), means @ linear.weight.T + linear.bias)


def test_the_fc_head_has_torchvisions_shapes_at_224_pixels():
    with torch.device("meta"):
        ours = VGG16(12, "fc", 224).head
        theirs = torchvision.models.vgg16(num_classes=12).classifier
    assert [p.shape for p in ours.parameters()] == [p.shape for p in theirs.parameters()]
    assert sum(isinstance(layer, nn.Dropout) for layer in ours) == 2


@pytest.mark.parametrize("size", [32, 96])
def test_the_fc_head_fits_the_input_size(size):
    with torch.device("meta"):
        logits = VGG16(7, "fc", size)(torch.empty(3, 3, size, size))
    assert logits.shape == (3, 7)


@torch.inference_mode()
@pytest.mark.parametrize("trainable_from", range(1, HEAD_ONLY + 1))
def test_prefix_and_suffix_are_the_network_whatever_the_depth(thin, images, trainable_from):
    prefix, suffix = thin.split(trainable_from)
    assert sum(isinstance(layer, nn.Conv2d) for layer in prefix) == trainable_from - 1
    torch.testing.assert_close(suffix(prefix(images)), thin(images))


@pytest.mark.parametrize("trainable_from", range(1, HEAD_ONLY))
def test_the_suffix_begins_with_the_convolution_of_its_depth(thin, trainable_from):
    assert thin.split(trainable_from)[1][0] is thin.conv(trainable_from)


def test_the_parts_of_a_split_share_the_networks_weights(thin):
    prefix, suffix = thin.split(6)
    parts = [*prefix.parameters(), *suffix.parameters()]
    assert [id(p) for p in parts] == [id(p) for p in thin.parameters()]


def test_depths_find_their_convolutions(network):
    convolutions = [layer for layer in network.features if isinstance(layer, nn.Conv2d)]
    assert [network.conv(depth) for depth in DEPTHS] == convolutions
    assert [conv.out_channels for conv in convolutions] == CHANNELS


@torch.inference_mode()
def test_activations_are_the_outputs_after_each_relu(thin, images):
    # Collected before they are looked at: later layers must not write into earlier outputs.
    found = list(thin.activations(images.clone()))
    assert [depth for depth, _ in found] == list(range(1, 14))
    assert [a.shape for _, a in found] == [
        (2, thin.conv(depth).out_channels, side, side)
        for depth, side in zip(DEPTHS, SIDES, strict=True)
    ]
    x = images
    for depth, output in found:
        if depth in (3, 5, 8, 11):
            x = nn.functional.max_pool2d(x, 2)
        conv = thin.conv(depth)
        x = nn.functional.conv2d(x, conv.weight, conv.bias, padding=1).clamp(min=0)
        torch.testing.assert_close(output, x)


def test_layer_keys_sort_as_the_layers_lie():
    keys = [layer_key(depth) for depth in DEPTHS]
    assert keys == sorted(keys)
    assert (keys[0], keys[4], keys[12]) == ("01_conv1_1", "05_conv3_1", "13_conv5_3")
    assert len(set(NAMES)) == 13


@pytest.mark.parametrize("init", ["he", "xavier"])
def test_initialise_draws_by_its_seed_alone(init):
    first, second = (VGG16(4, "gap", SIZE, NARROW) for _ in range(2))
    torch.manual_seed(1)
    initialise(first, init, seed=3)
    torch.manual_seed(2)
    initialise(second, init, seed=3)
    pairs = list(zip(first.parameters(), second.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    initialise(second, init, seed=4)
    weights = [(a, b) for a, b in pairs if a.ndim > 1]
    assert not any(torch.equal(a, b) for a, b in weights)


def test_initialise_leaves_the_global_generator_alone(thin):
    before = torch.random.get_rng_state()
    initialise(thin, "he", seed=0)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_he_weights_have_the_variance_of_their_fan_out(network):
    for depth in DEPTHS:
        weight = network.conv(depth).weight.detach()
        assert float(weight.std()) == pytest.approx(math.sqrt(2 / (9 * weight.shape[0])), rel=0.05)
        assert abs(float(weight.mean())) < 0.05 * float(weight.std())


def test_xavier_weights_fill_their_interval():
    network = VGG16(4, "gap", SIZE)
    initialise(network, "xavier", seed=0)
    for depth in DEPTHS:
        weight = network.conv(depth).weight.detach()
        bound = math.sqrt(6 / (9 * (weight.shape[0] + weight.shape[1])))
        assert 0.95 * bound < float(weight.abs().max()) <= bound
        assert float(weight.std()) == pytest.approx(bound / math.sqrt(3), rel=0.05)


@pytest.mark.parametrize("init", ["he", "xavier"])
def test_biases_begin_at_zero_and_the_heads_weights_small(init):
    network = VGG16(100, "gap", SIZE)
    initialise(network, init, seed=0)
    assert not any(p.any() for name, p in network.named_parameters() if name.endswith("bias"))
    assert float(network.head[-1].weight.detach().std()) == pytest.approx(0.01, rel=0.05)


def test_narrower_layers_make_a_network_of_the_same_depths():
    widths = Widths(tuple(range(2, 15)), hidden=(5, 6))
    with torch.device("meta"):
        network = VGG16(3, "fc", 64, widths)
        assert network(torch.empty(2, 3, 64, 64)).shape == (2, 3)
    assert [network.conv(depth).out_channels for depth in DEPTHS] == list(range(2, 15))
    linear = [(m.in_features, m.out_features) for m in network.head if isinstance(m, nn.Linear)]
    assert linear == [(14 * 4, 5), (5, 6), (6, 3)]


def test_as_many_widths_as_convolutions():
    with pytest.raises(ValueError, match="12 widths for 13 convolutions"):
        VGG16(3, "gap", 64, Widths((4,) * 12, hidden=(5, 6)))
