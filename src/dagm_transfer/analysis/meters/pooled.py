"""Each channel's mean response to each image, written to disk as it comes."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from torch import Tensor

HEADER = {"descr": "<f4", "fortran_order": False}


class PooledResponses:
    """A meter that appends [N, C] to a file a depth: memory does not grow with the images.

    Args:
        file_of: the `.npy` file of a depth.
        count: how many images there will be.
    """

    def __init__(self, file_of: Callable[[int], Path], count: int):
        self._file_of, self._count = file_of, count
        self._files: dict[int, BinaryIO] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the files."""
        self._open.close()

    def update(self, depth: int, output: Tensor, labels: Tensor) -> None:
        """Take one batch at one depth."""
        del labels
        means = output.float().mean(dim=(2, 3)).cpu().numpy()
        if depth not in self._files:
            path = self._file_of(depth)
            path.parent.mkdir(parents=True, exist_ok=True)
            file = self._files[depth] = self._open.enter_context(path.open("wb"))
            shape = (self._count, means.shape[1])
            np.lib.format.write_array_header_1_0(file, {**HEADER, "shape": shape})
        self._files[depth].write(np.ascontiguousarray(means, dtype="<f4").tobytes())

    def result(self) -> dict[str, Tensor]:
        """Nothing: it lies on the disk."""
        return {}
