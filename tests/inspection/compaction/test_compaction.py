"""Dead channels leave a network exactly: through the trunk, and into either head."""

import numpy as np
import pytest
import torch
from inspectors import small_card
from small import SIZE, live_network, small_network
from torch.utils.flop_counter import FlopCounterMode

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.compaction.kept_units import live_units, strongest_units
from dagm_transfer.inspection.compaction.narrowed import narrowed, widths_of
from dagm_transfer.inspection.compaction.responses import watched
from dagm_transfer.inspection.layer_sizes import layer_sizes, linears, size_rows
from dagm_transfer.judging.inspector import logits_of_network
from dagm_transfer.models.initial import to_input
from dagm_transfer.models.vgg16 import DEPTHS, VGG16

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def windows(count=6, size=SIZE, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, size, size), dtype=np.uint8)


def plant(network: VGG16) -> dict[int, int]:
    """One dead channel at every depth, another one at each: its place by depth."""
    places = {depth: (3 * depth) % network.conv(depth).out_channels for depth in DEPTHS}
    with torch.no_grad():
        for depth, place in places.items():
            network.conv(depth).weight[place].zero_()
            network.conv(depth).bias[place] = -0.25
    return places


def measured(network, pixels, batch=4):
    with watched(network) as responses:
        logits = logits_of_network(network, "unit", batch, CPU)(pixels)
    return responses, logits


def test_planted_dead_channels_leave_every_layer_of_an_average_pool_network():
    network, pixels = live_network(), windows()
    places = plant(network)
    responses, before = measured(network, pixels)
    kept = live_units(responses.maxima())
    for depth, units in zip(DEPTHS, kept, strict=True):
        left_out = {*range(network.conv(depth).out_channels)} - {*units.tolist()}
        assert left_out == {places[depth]}
    small = narrowed(network, small_card(), kept)
    assert widths_of(small, small_card()).convolutions == (3, 3, 3, 3, *[7] * 9)
    *_, total = size_rows(layer_sizes(network, SIZE), layer_sizes(small, SIZE))
    # By hand, kernels and biases: 3 to 3 channels four times, 3 to 7, 7 to 7 eight times, the head.
    assert total["parameters_kept"] == 4 * (81 + 3) + (189 + 7) + 8 * (441 + 7) + (28 + 4)
    # At 32, 16, 8, 4 and 2 pixels a side.
    assert total["multiply_adds_kept"] == (
        2 * 81 * 1024 + 2 * 81 * 256 + (189 + 2 * 441) * 64 + 3 * 441 * 16 + 3 * 441 * 4 + 28
    )
    assert (total["channels"], total["channels_kept"]) == (88, 75)
    assert total["parameters_kept"] == sum(p.numel() for p in small.parameters())
    after = logits_of_network(small, "unit", 4, CPU)(pixels)
    np.testing.assert_allclose(after, before, atol=1e-5 * np.abs(before).max(), rtol=0)
    assert np.abs(before).max() > 0.01


def test_of_an_fc_head_the_columns_of_a_channel_go_and_hidden_units_that_are_dead():
    card = small_card(head="fc", size=64)
    network, pixels = live_network("fc", 64), windows(4, 64)
    plant(network)
    first, second, _ = linears(network)
    with torch.no_grad():
        for layer, units in ((first, [0, 9]), (second, [3, 4, 15])):
            layer.weight[units] = 0
            layer.bias[units] = -1.0
    responses, before = measured(network, pixels)
    small = narrowed(network, card, live_units(responses.maxima()))
    assert widths_of(small, card).hidden == (14, 13)
    sizes = {each.layer: each.parameters for each in layer_sizes(small, 64)}
    # Seven channels of two by two pixels.
    assert sizes["head_1"] == 7 * 4 * 14 + 14
    assert sizes["head_2"] == 14 * 13 + 13
    assert sizes["head_3"] == 13 * 4 + 4
    after = logits_of_network(small, "unit", 4, CPU)(pixels)
    np.testing.assert_allclose(after, before, atol=1e-5 * np.abs(before).max(), rtol=0)


def test_a_channel_that_responds_to_one_window_alone_stays():
    network, pixels = live_network(), windows(9).clip(0, 200)
    with torch.no_grad():  # the first channel sees what is brighter than 250
        network.conv(1).weight[0].zero_()
        network.conv(1).weight[0, 0, 1, 1] = 1.0
        level = torch.full((1, 1, 1, 1), 250, dtype=torch.uint8)
        network.conv(1).bias[0] = -to_input(level, "unit")[0, 0, 0, 0]
    responses, _ = measured(network, pixels)
    assert 0 not in live_units(responses.maxima())[0].tolist()
    pixels[4, 17, 3] = 255
    responses, _ = measured(network, pixels)
    assert 0 in live_units(responses.maxima())[0].tolist()


def test_a_layer_that_is_dead_altogether_keeps_a_channel():
    network, pixels = live_network(), windows()
    with torch.no_grad():
        network.conv(7).weight.zero_()
        network.conv(7).bias.fill_(-1.0)
    responses, before = measured(network, pixels)
    kept = live_units(responses.maxima())
    assert kept[6].tolist() == [0]
    after = logits_of_network(narrowed(network, small_card(), kept), "unit", 4, CPU)(pixels)
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_running_maxima_and_means_are_those_of_all_windows_at_once():
    network, pixels = small_network(), windows(8)
    responses, _ = measured(network, pixels, batch=4)
    inputs = to_input(torch.from_numpy(pixels)[:, None], "unit")
    with torch.inference_mode():
        outputs = [output.clone() for _, output in network.activations(inputs)]
    for found, mean, output in zip(responses.maxima(), responses.means(), outputs, strict=True):
        torch.testing.assert_close(found, output.amax(dim=(0, 2, 3)))
        torch.testing.assert_close(mean.float(), output.mean(dim=(0, 2, 3)))


def test_the_network_is_left_as_it_was():
    network = live_network()
    weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    plain = measured(network, windows())[1]
    assert not any(module._forward_hooks for module in network.modules())  # noqa: SLF001
    narrowed(network, small_card(), [torch.tensor([1])] * 13)
    assert all(torch.equal(tensor, weights[n]) for n, tensor in network.state_dict().items())
    np.testing.assert_array_equal(measured(network, windows())[1], plain)


def test_a_network_of_no_numbers_is_refused():
    network = live_network()
    with torch.no_grad():
        network.conv(5).weight[0, 0] = float("nan")
    responses, _ = measured(network, windows())
    with pytest.raises(UserError, match="no finite numbers: its training diverged"):
        responses.maxima()


def test_the_strongest_live_units_are_kept_rounded_up():
    live = [torch.arange(30), torch.tensor([1, 4, 6])]
    means = [torch.arange(30.0), torch.tensor([9.0, 1.0, 9.0, 9.0, 3.0, 9.0, 2.0])]
    assert strongest_units(live, means, 0.1)[0].tolist() == [27, 28, 29]
    assert strongest_units(live, means, 0.5)[1].tolist() == [4, 6]
    assert [each.tolist() for each in strongest_units(live, means, 1.0)] == [
        each.tolist() for each in live
    ]
    assert [len(each) for each in strongest_units(live, means, 0.001)] == [1, 1]


@pytest.mark.parametrize("head", ["gap", "fc"])
def test_multiply_adds_are_half_the_operations_that_torch_counts(head):
    network = live_network(head, 64)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, 64, 64))
    assert 2 * sum(each.multiply_adds for each in layer_sizes(network, 64)) == (
        counter.get_total_flops()
    )
