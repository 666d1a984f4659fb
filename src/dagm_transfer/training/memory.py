"""How much memory a training took."""

import resource
import sys

import torch

MIB = 2**20
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of what the system counts in


def peak_mebibytes(device: torch.device) -> float:
    """The most that this process had at once: of a GPU's memory where it trains on one, else RAM.

    Args:
        device: where the training ran.

    >>> peak_mebibytes(torch.device("cpu")) > 10
    True
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / MIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / MIB
