"""The network as an ONNX file: the same logits, equal bytes, and nothing of where it was made."""

import numpy as np
import pytest
import torch
from inspectors import small_inspector
from small import SIZE, small_network

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.onnx_runtime import logits_of_onnx
from dagm_transfer.judging.inspector import logits_of_network


@pytest.mark.parametrize("head", ["gap", "fc"])
@pytest.mark.parametrize("scale", ["bytes", "unit"])
def test_onnx_runtime_gives_pytorchs_logits_of_any_number_of_windows(tmp_path, head, scale):
    inspector = small_inspector(tmp_path, small_network(head=head), head=head, input_scale=scale)
    write_onnx(inspector, tmp_path / "model.onnx")
    logits = logits_of_onnx(tmp_path / "model.onnx")
    peer = logits_of_network(inspector.network.network, scale, 4, torch.device("cpu"))
    for count in (1, 3, 40):
        pixels = np.random.default_rng(count).integers(0, 256, (count, SIZE, SIZE), np.uint8)
        expected = peer(pixels)
        np.testing.assert_allclose(logits(pixels), expected, atol=1e-5 * np.abs(expected).max())


def test_the_file_is_the_same_bytes_and_names_no_file_of_this_machine(tmp_path):
    inspector = small_inspector(tmp_path)
    for name in ("a.onnx", "b.onnx"):
        write_onnx(inspector, tmp_path / name)
    found = (tmp_path / "a.onnx").read_bytes()
    assert found == (tmp_path / "b.onnx").read_bytes()
    assert b"dagm_transfer" not in found
    assert b".py" not in found


def test_what_is_no_network_of_ours_is_one_line(tmp_path):
    path = tmp_path / "model.onnx"
    with pytest.raises(UserError, match="not found; `dagm export"):
        logits_of_onnx(path)
    path.write_bytes(b"no")
    with pytest.raises(UserError, match="not a network that can be read") as said:
        logits_of_onnx(path)
    assert "\n" not in str(said.value)
