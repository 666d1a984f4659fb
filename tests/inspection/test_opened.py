"""What is opened by a key, a folder or a file."""

from pathlib import Path

import numpy as np
import pytest
from inspectors import KEY, small_inspector
from small import SIZE

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.opened import open_inspector
from dagm_transfer.judging.card import write_card
from dagm_transfer.judging.paths import CARD


def some_windows() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE), np.uint8)


def test_a_key_a_folder_and_a_file_open_the_same_network(tmp_path):
    run = tmp_path / "models" / KEY
    write_onnx(small_inspector(run), tmp_path / "out" / "model.onnx")
    (tmp_path / "out/card.json").write_bytes((run / "card.json").read_bytes())
    answers = [
        open_inspector(reference, tmp_path).logits(some_windows())
        for reference in (KEY, str(run), str(tmp_path / "out"), str(tmp_path / "out/model.onnx"))
    ]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], atol=1e-5 * np.abs(answers[0]).max())


def test_a_folder_with_an_onnx_file_is_opened_without_its_weights(tmp_path):
    write_onnx(small_inspector(tmp_path), tmp_path / "model.onnx")
    (tmp_path / "weights.safetensors").unlink()
    assert open_inspector(str(tmp_path), Path()).logits(some_windows()).shape == (3, 4)


@pytest.mark.parametrize("reference", ["nothing", "../x", "a/b", ".", ""])
def test_what_is_no_inspector_is_one_line(tmp_path, monkeypatch, reference):
    monkeypatch.chdir(tmp_path)
    small_inspector(tmp_path / "models" / KEY)
    with pytest.raises(UserError) as met:
        open_inspector(reference, tmp_path)
    assert "\n" not in str(met.value)
    if reference == "nothing":
        assert f"name a finished run ({KEY})" in str(met.value)


def test_other_weights_than_the_card_names_are_refused(tmp_path):
    small_inspector(tmp_path)
    with (tmp_path / "weights.safetensors").open("ab") as file:
        file.write(b"0")
    with pytest.raises(UserError, match="not the weights that the card beside it names"):
        open_inspector(str(tmp_path), Path())


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": "0" * 64},
        {"size": 2 * SIZE},
        {"groups": ["one"]},
        {"groups": ["one", "two", "three"]},
    ],
)
def test_a_network_file_beside_the_card_of_another_is_refused(tmp_path, changes):
    inspector = small_inspector(tmp_path)
    write_onnx(inspector, tmp_path / "model.onnx")
    assert open_inspector(str(tmp_path), Path()).card == inspector.card
    write_card(inspector.card.model_copy(update=changes), tmp_path / CARD)
    with pytest.raises(UserError, match="not the network of the card beside it"):
        open_inspector(str(tmp_path), Path())
