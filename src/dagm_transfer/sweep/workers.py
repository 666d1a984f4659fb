"""How many workers, and what each is started with."""

import os
from collections.abc import Mapping
from pathlib import Path

import psutil
import torch

from dagm_transfer.config.params import Params
from dagm_transfer.errors import UserError
from dagm_transfer.sweep.messages import Equipment

GIB = 2**30
# Of one worker on a CPU: the process with weights, gradients and momentum, and what one image of
# 224x224 pixels keeps between its forward and its backward pass. Both measured, rounded up.
PROCESS_GIB, IMAGE_GIB = 1.2, 0.15


def equipment(
    params: Params, study: str, workers: int | None, cache: Path, provenance: Mapping[str, str]
) -> list[Equipment]:
    """One entry a worker: its device and its share of the cores.

    Args:
        params: what is trained.
        study: its name.
        workers: how many; None: one a GPU, or on a CPU as many as cores and memory bear.
        cache: folder of the outputs of frozen layers.
        provenance: what the logs say of where the trials come from.

    Raises:
        UserError: no workers are asked for.
    """
    if workers is not None and workers < 1:
        raise UserError(f"--workers: {workers} is too few; a sweep needs at least one")
    devices = _devices(params.train.device)
    chosen = workers or (len(devices) if devices[0] != "cpu" else _that_fit(params))
    threads = max(1, (os.cpu_count() or 1) // chosen)
    return [
        Equipment(params, study, devices[place % len(devices)], threads, cache, provenance)
        for place in range(chosen)
    ]


def _devices(asked: str) -> list[str]:
    if asked in ("auto", "cuda") and torch.cuda.is_available():
        return [f"cuda:{place}" for place in range(torch.cuda.device_count())]
    return ["cpu"] if asked == "auto" else [asked]


def _that_fit(params: Params) -> int:
    """As many workers as there are cores, fewer where memory bears fewer."""
    images = params.train.batch_size * (params.data.size / 224) ** 2
    each = PROCESS_GIB + images * IMAGE_GIB
    return max(1, min(os.cpu_count() or 1, int(psutil.virtual_memory().available / GIB / each)))
