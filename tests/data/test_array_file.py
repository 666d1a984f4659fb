"""An array that grows on disk, against what numpy writes."""

import numpy as np
import pytest

from dagm_transfer.core.files import digest_of_arrays
from dagm_transfer.data.array_file import growing_array


def blocks(count: int, height: int, width: int) -> np.ndarray:
    shape = (count, height, width)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 32, 32), (9, 3, 5), (10, 5, 3), (12_345, 1, 2)])
def test_blocks_one_by_one_make_the_file_that_numpy_writes(tmp_path, shape):
    whole = blocks(*shape)
    with growing_array(tmp_path / "grown.npy") as array:
        for block in whole:
            array.append(block)
    np.save(tmp_path / "saved.npy", whole)
    assert (tmp_path / "grown.npy").read_bytes() == (tmp_path / "saved.npy").read_bytes()
    mapped = np.load(tmp_path / "grown.npy", mmap_mode="r")
    assert digest_of_arrays({"inputs": mapped}) == digest_of_arrays({"inputs": whole})


def test_blocks_may_come_several_at_once_and_cut_out_of_others(tmp_path):
    whole = blocks(8, 20, 30)
    with growing_array(tmp_path / "grown.npy") as array:
        array.append(whole[:3, 5:15, 7:20])
        array.append(whole[3, 5:15, 7:20])
        array.append(whole[4:4, 5:15, 7:20])
        array.append(np.asfortranarray(whole[4:, 5:15, 7:20]))
    assert (np.load(tmp_path / "grown.npy") == whole[:, 5:15, 7:20]).all()


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (np.zeros((4, 5), np.uint8), r"a block of \(4, 5\) among blocks of \(4, 4\)"),
        (np.zeros((4, 4), np.int8), "uint8"),
        (np.zeros(4, np.uint8), r"\[H, W\]"),
        (np.zeros((1, 1, 4, 4), np.uint8), r"\[H, W\]"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, block, said):
    with growing_array(tmp_path / "grown.npy") as array:
        array.append(np.zeros((4, 4), np.uint8))
        with pytest.raises(ValueError, match=said):
            array.append(block)
    assert np.load(tmp_path / "grown.npy").shape == (1, 4, 4)


def test_an_array_of_no_blocks_is_refused(tmp_path):
    with (
        pytest.raises(ValueError, match="no blocks"),
        growing_array(tmp_path / "grown.npy"),
    ):
        pass


def test_an_error_leaves_an_array_of_no_rows(tmp_path):
    def fail_halfway() -> None:
        with growing_array(tmp_path / "grown.npy") as array:
            array.append(blocks(5, 64, 64))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_halfway()
    assert np.load(tmp_path / "grown.npy").shape == (0, 64, 64)
