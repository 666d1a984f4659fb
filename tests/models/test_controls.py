"""The controls for transfer, against the trunk that they take something of."""

import subprocess
import sys
from itertools import pairwise

import pytest
import torch
from safetensors.torch import load_file
from small import NARROW, SIZE

from dagm_transfer.core.files import digest_of_arrays
from dagm_transfer.models.controls import matching_scales, mean_var
from dagm_transfer.models.initial import initial_network
from dagm_transfer.models.vgg16 import DEPTHS, VGG16

CONTROLS = ("mean_var", "shuffled", "he_matched")
SAID_BY_ANOTHER_PROCESS = """
import sys
sys.path[:0] = {paths!r}
from test_controls import digest, made
print(*(digest(made(init)) for init in {inits!r}))
"""


def source_trunk() -> dict[str, torch.Tensor]:
    """Filters that no normal draw looks like, and biases that are not zero."""
    generator = torch.Generator().manual_seed(5)
    state = VGG16(2, "gap", SIZE, NARROW).features.state_dict()
    return {
        f"features.{name}": torch.empty(tensor.shape).exponential_(8, generator=generator) - 0.1
        for name, tensor in state.items()
    }


def inputs() -> torch.Tensor:
    return 50 * torch.randn(20, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(6))


def plain(init: str, seed: int = 0, head: str = "gap") -> VGG16:
    return initial_network(
        init=init, seed=seed, labels=4, head=head, size=SIZE, trunk=source_trunk(), widths=NARROW
    )


def made(init: str, seed: int = 0, head: str = "gap") -> VGG16:
    if init != "he_matched":
        return plain(init, seed, head)
    scales = matching_scales(plain("he", seed), plain("imagenet"), inputs())
    return initial_network(
        init=init, seed=seed, labels=4, head=head, size=SIZE, trunk={}, widths=NARROW, scales=scales
    )


def digest(network: VGG16) -> str:
    return digest_of_arrays({k: v.contiguous().numpy() for k, v in network.state_dict().items()})


def kernels(network: VGG16) -> list[torch.Tensor]:
    return [network.conv(depth).weight.detach() for depth in DEPTHS]


@torch.inference_mode()
def strengths(network: VGG16) -> list[float]:
    """RMS of the responses of each depth, all inputs at once."""
    return [float(out.double().square().mean().sqrt()) for _, out in network.activations(inputs())]


def test_mean_var_keeps_of_each_layer_its_mean_and_variance_and_no_entry():
    wide = {name: tensor.repeat(60, *[1] * (tensor.ndim - 1)) for name, tensor in
            source_trunk().items()}  # enough entries for moments to be told  # fmt: skip
    for name, drawn in mean_var(wide, seed=0).items():
        if not name.endswith("weight"):
            continue
        assert float(drawn.std()) == pytest.approx(float(wide[name].std()), rel=0.05)
        error = float(drawn.std()) / drawn.numel() ** 0.5
        assert abs(float(drawn.mean() - wide[name].mean())) < 4 * error
        assert float(torch.isin(drawn, wide[name]).float().mean()) < 0.01
        centred = (drawn - drawn.mean()) / drawn.std()
        assert abs(float(centred.pow(3).mean())) < 0.2, "normal, not skewed as the source is"


def test_shuffled_keeps_the_entries_of_each_filter_and_not_their_places():
    trunk = source_trunk()
    for depth, kernel in zip(DEPTHS, kernels(made("shuffled")), strict=True):
        theirs = VGG16(2, "gap", SIZE, NARROW)
        theirs.load_state_dict({**theirs.state_dict(), **trunk})
        of_source = theirs.conv(depth).weight.detach().flatten(1)
        own = kernel.flatten(1)
        assert torch.equal(own.sort(dim=1).values, of_source.sort(dim=1).values)
        assert (own != of_source).any(dim=1).all(), "every filter is shuffled"
        moved = [torch.equal(a.argsort(), b.argsort()) for a, b in pairwise(own)]
        assert not all(moved), "each in an order of its own"


@pytest.mark.parametrize("seed", [0, 1])
def test_he_matched_responds_as_strongly_as_the_source(seed):
    assert strengths(made("he_matched", seed)) == pytest.approx(
        strengths(plain("imagenet")), rel=0.01
    )
    drawn = zip(strengths(plain("he", seed)), strengths(plain("imagenet")), strict=True)
    assert max(abs(own / theirs - 1) for own, theirs in drawn) > 0.5, "He's draw alone does not"


def test_he_matched_is_hes_draw_but_for_a_factor_a_layer():
    for own, drawn in zip(kernels(made("he_matched")), kernels(plain("he")), strict=True):
        factor = float(own.norm() / drawn.norm())
        torch.testing.assert_close(own, factor * drawn)


def test_he_matched_wants_a_scale_for_each_layer():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        plain("he_matched")


@pytest.mark.parametrize("init", CONTROLS)
def test_biases_are_zero_in_every_control(init):
    assert not any(made(init).conv(depth).bias.any() for depth in DEPTHS)


@pytest.mark.parametrize("head", ["gap", "fc"])
@pytest.mark.parametrize("init", CONTROLS)
def test_the_head_is_the_one_that_the_seed_draws_over_the_source_trunk(init, head):
    control, source = made(init, 3, head), plain("imagenet", 3, head)
    pairs = zip(control.head.parameters(), source.head.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert control.eval()(inputs()[:2]).shape == (2, 4)
    assert control.conv(2).weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("init", CONTROLS)
def test_seeds_differ_at_every_depth(init):
    pairs = zip(kernels(made(init, 0)), kernels(made(init, 1)), strict=True)
    assert not any(torch.equal(a, b) for a, b in pairs)


def test_another_process_makes_the_same_weights():
    inits = ("he", "imagenet", *CONTROLS)
    code = SAID_BY_ANOTHER_PROCESS.format(
        paths=[*sys.path, str(__file__).rpartition("/")[0]], inits=inits
    )
    said = subprocess.run(
        [sys.executable, "-c", f"import torch; torch.set_num_threads(1){code}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.split() == [digest(made(init)) for init in inits]
    assert len(set(said.split())) == len(inits)


def test_a_real_trunk_has_controls_at_its_full_width(real_trunk_file):
    trunk = load_file(real_trunk_file)
    for init in ("mean_var", "shuffled"):
        network = initial_network(init=init, seed=0, labels=12, head="gap", size=SIZE, trunk=trunk)
        state = network.state_dict()
        for name in trunk:
            if name.endswith("weight"):
                assert float(state[name].std()) == pytest.approx(float(trunk[name].std()), rel=0.03)
