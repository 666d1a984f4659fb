"""Heat maps of planted networks on planted images: where they must point."""

import math

import numpy as np
import pytest
import torch
from small import NARROW, SIZE, small_network

from dagm_transfer.analysis.responses.heat import class_activation, enlarged, last_response
from dagm_transfer.analysis.responses.localized import (
    TILES,
    baselines,
    best_channel,
    channel_aurocs,
    localized,
    scored,
    strongest,
)
from dagm_transfer.analysis.responses.stored import heat_bytes
from dagm_transfer.analysis.responses.whole_images import WholeImage
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.resize import resize
from dagm_transfer.models.vgg16 import VGG16, HeadKind
from dagm_transfer.stages.responses import grad_cam

CPU = torch.device("cpu")
SHAPE = (192, 160)


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def image(x=112, y=48, *, seen: int | None = None, label: int = 1) -> WholeImage:
    """Grey noise with a bright square as the defect, and a circle around it as weak label."""
    pixels = np.random.default_rng(0).integers(80, 120, SHAPE, dtype=np.uint8)
    pixels[y - 16 : y + 16, x - 16 : x + 16] = 250
    small = pixels if seen is None else resize(pixels, seen, "antialias")
    mask = Ellipse(x, y, 26, 26, 0.0).mask(*SHAPE)
    return WholeImage(f"{x}-{y}.png", "texture 1", label, pixels, small, mask)


def planted(head: HeadKind, size: int = SIZE, channel: int = 3) -> VGG16:
    """One path alone: `channel` of the last convolution is how far it is brighter than most.

    Only label 1 has a weight on it.
    """
    network = VGG16(4, head, size, NARROW).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        for depth in range(1, 14):
            to, of = channel if depth == 13 else 0, 0
            network.conv(depth).weight[to, of, 1, 1] = 1.0
        network.conv(1).bias[0] = -0.5  # of a unit scale: 200 lies above, 120 below
        linears = [layer for layer in network.head if isinstance(layer, torch.nn.Linear)]
        for place, linear in enumerate(linears):
            last = place == len(linears) - 1
            if place:
                linear.weight[1 if last else 0, 0] = 1.0
            else:
                cells = linear.in_features // NARROW.convolutions[-1]
                linear.weight[1 if last else 0, channel * cells : (channel + 1) * cells] = 1.0
    return network


def look(network: VGG16, images, training=(), *, trained=True):
    def respond(one):
        return last_response(network, one.seen[None], "unit", CPU)[0]

    def heat(one, response):
        return class_activation(network, one, response, scale="unit", device=CPU, grad_cam=grad_cam)

    counted = []
    found = localized(
        images, training, respond=respond, class_heat=heat if trained else None,
        on_image=lambda: counted.append(1),
    )  # fmt: skip
    assert len(counted) == len(images) + len(training)
    return found


@pytest.mark.parametrize("head", ["gap", "fc"])
@pytest.mark.parametrize("seen", [None, 96])
def test_class_activation_points_at_the_planted_defect(head, seen):
    places = [(112, 48), (32, 144), (80, 96)]
    network = planted(head, seen or SIZE)
    found = look(network, [image(x, y, seen=seen) for x, y in places])
    for (x, y), values, shown in zip(places, found.values, found.shown, strict=True):
        assert values["class_activation", "pointing_game"] == 1.0
        assert values["class_activation", "pixel_auroc"] > 0.9
        top, left = np.unravel_index(shown.heat.argmax(), SHAPE)
        assert np.hypot(top - y, left - x) <= np.hypot(*image(seen=seen).cell) + 8


def test_what_speaks_for_another_label_points_away():
    (values,) = look(planted("gap"), [image(label=3)]).values
    assert values["class_activation", "pixel_auroc"] == 0.5, "no weight of its own group"
    network = planted("gap")
    with torch.no_grad():
        network.head[-1].weight[0] = 2 * network.head[-1].weight[1]
    (values,) = look(network, [image()]).values
    assert values["class_activation", "pixel_auroc"] < 0.1, "normal outweighs defective"


def test_the_best_channel_is_the_one_of_the_training_images():
    training = [image(40, 40), image(100, 150)]
    found = look(planted("gap"), [image()], training)
    assert found.channel == 3
    assert found.training_auroc > 0.9
    assert found.values[0]["best_channel", "pixel_auroc"] > 0.9
    assert found.values[0]["response", "active"] == 1 / 8
    untaught = look(planted("gap"), [image()])
    assert untaught.channel is None
    assert math.isnan(untaught.values[0]["best_channel", "pixel_auroc"])


def test_it_is_chosen_on_training_images_though_another_serves_the_tested_one():
    by_channel = [np.array([0.9, 0.2]), np.array([0.7, 0.3])]
    assert best_channel(by_channel) == (0, pytest.approx(0.8))
    assert best_channel([np.array([np.nan, 0.5]), np.array([0.1, 0.2])]) == (1, 0.2)
    assert best_channel([])[0] is None


def test_grad_cam_is_the_mean_gradient_times_the_response():
    network = small_network(head="fc", labels=4)
    response = torch.rand(2, 8, 2, 2, generator=torch.Generator().manual_seed(1))
    tail = torch.nn.Sequential(torch.nn.Identity(), network.features[-1], network.head).eval()
    heat = grad_cam(tail, response, 3)
    x = response.clone().requires_grad_()
    logits = tail(x)
    (gradient,) = torch.autograd.grad((logits[:, 3] - logits[:, 2]).sum(), x)
    expected = (gradient.mean(dim=(2, 3), keepdim=True) * response).sum(dim=1)
    assert expected.abs().max() > 0
    torch.testing.assert_close(heat, expected)


def test_a_head_that_has_learnt_nothing_has_no_class_activation():
    found = look(planted("gap"), [image()], trained=False)
    assert found.shown == []
    assert {heat for heat, _ in found.values[0]} == {"mean", "best_channel", "response"}


def test_a_network_that_is_not_finite_has_no_numbers_and_a_black_picture():
    network = planted("gap")
    with torch.no_grad():
        network.conv(13).bias.fill_(float("nan"))
    found = look(network, [image()], [image(40, 40)])
    assert found.channel is None
    assert all(math.isnan(value) for value in found.values[0].values())
    assert not found.shown[0].channels.any()
    assert not heat_bytes(found.shown[0].heat).any()


def test_baselines_are_what_they_say():
    found = baselines(image())
    assert found["even", "pixel_auroc"] == 0.5
    assert 0 < found["even", "pointing_game"] < 0.5, "the share of the image that would be a hit"
    assert found["pixels", "pixel_auroc"] > 0.7
    assert found["pixels_in_cells", "pointing_game"] == 1.0
    middle = baselines(image(SHAPE[1] // 2, SHAPE[0] // 2))
    assert middle["middle", "pixel_auroc"] > 0.99
    assert middle["middle", "pointing_game"] == 1.0
    assert baselines(image(24, 24))["middle", "pixel_auroc"] < 0.25
    assert set(baselines(image(seen=96))) == set(found)


def test_the_pointing_game_forgives_one_cell_of_the_image_and_no_more():
    one = image(80, 96, seen=96)  # a cell is 32 pixels down here
    assert one.cell == (32.0, pytest.approx(160 / 6))
    for away, hit in ((26 + 30, 1.0), (26 + 36, 0.0)):
        heat = np.zeros(SHAPE)
        heat[96 + away, 80] = 1.0
        assert scored("x", heat, one)["x", "pointing_game"] == hit


def test_a_cell_is_hottest_in_its_middle():
    heat = torch.zeros(12, 10)
    heat[2, 7] = 1.0
    grown = enlarged(heat, (16, 16), (200, 160))
    assert grown.shape == (200, 160)
    hottest = np.argwhere(grown == grown.max()).mean(axis=0)
    assert hottest.tolist() == [2 * 16 + 7.5, 7 * 16 + 7.5]


def test_a_weak_label_smaller_than_a_cell_is_in_one():
    pixels = np.zeros(SHAPE, dtype=np.uint8)
    mask = Ellipse(40, 40, 3, 3, 0).mask(*SHAPE)
    tiny = WholeImage("a", "g", 1, pixels, pixels, mask)
    response = torch.zeros(2, 12, 10)
    response[1, 2, 2] = 1.0
    assert channel_aurocs(response, mask, tiny.cell).tolist() == [0.5, 1.0]


def test_the_strongest_channels_come_first_against_the_largest_response():
    response = torch.arange(100.0)[:, None, None].expand(100, 2, 3)
    tiles = strongest(response)
    assert tiles.shape == (TILES, 2, 3)
    assert tiles[0].tolist() == [[255] * 3] * 2
    assert tiles[1, 0, 0] == round(255 * 98 / 99)
    assert tiles[-1, 0, 0] == round(255 * 36 / 99)
