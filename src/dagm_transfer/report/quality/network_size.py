"""How large a network is: its numbers, and its file."""

import math
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open


@dataclass(frozen=True)
class NetworkSize:
    """Of one network: how many numbers, and bytes of its file."""

    parameters: int
    file_bytes: int

    @property
    def said(self) -> str:
        """In millions.

        >>> NetworkSize(14_720_844, 58_891_000).said
        '14.72 million parameters, a file of 58.9 MB'
        """
        millions, megabytes = self.parameters / 1e6, self.file_bytes / 1e6
        return f"{millions:.2f} million parameters, a file of {megabytes:.1f} MB"


def size_of(weights: Path) -> NetworkSize | None:
    """Of a safetensors file; its tensors are not read. None where it is not there."""
    if not weights.exists():
        return None
    with safe_open(weights, framework="numpy") as tensors:
        shapes = [tensors.get_slice(name).get_shape() for name in tensors.keys()]  # noqa: SIM118
    return NetworkSize(sum(map(math.prod, shapes)), weights.stat().st_size)
