"""An array on disk that grows block by block: it need never be in memory whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


class GrowingArray:
    """Blocks of one size, written one after the other as the rows of a .npy."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._rows = 0
        self._block: tuple[int, ...] = ()
        self._start = 0

    def append(self, blocks: Bytes) -> None:
        """Write a block [H, W], or several [n, H, W].

        Raises:
            ValueError: they are no bytes, or not of the first block's size.
        """
        block = blocks.shape[-2:]
        if blocks.dtype != np.uint8 or blocks.ndim not in (2, 3):
            raise ValueError(f"blocks are uint8 [H, W], not {blocks.dtype} {blocks.shape}")
        if not self._block:
            self._block = block
            self._start = self._write_header()
        if block != self._block:
            raise ValueError(f"a block of {block} among blocks of {self._block}")
        self._file.write(np.ascontiguousarray(blocks).data)
        self._rows += 1 if blocks.ndim == 2 else len(blocks)

    def finish(self) -> None:
        """Say in the header how many there are.

        Raises:
            ValueError: there are none.
        """
        if not self._block:
            raise ValueError("an array of no blocks has no shape")
        self._file.seek(0)
        start = self._write_header()
        # numpy leaves room in a header for a longer first axis.
        assert start == self._start, "the header would run into the first block"

    def _write_header(self) -> int:
        """The header for the rows so far; where it ends, in bytes from the file's start."""
        header = {
            "descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)),
            "fortran_order": False,
            "shape": (self._rows, *self._block),
        }
        np.lib.format.write_array_header_1_0(self._file, header)
        return self._file.tell()


@contextmanager
def growing_array(path: Path) -> Iterator[GrowingArray]:
    """Write uint8 [N, H, W] at `path` as `np.save` would, of blocks that come one by one.

    Until the end it is a .npy of no rows: after an error it holds nothing that could be taken for
    the whole.

    Raises:
        ValueError: no block came.
    """
    with path.open("wb") as file:
        array = GrowingArray(file)
        yield array
        array.finish()
