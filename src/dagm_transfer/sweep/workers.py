"""How many workers, and what each is started with."""

import os
from collections.abc import Mapping
from pathlib import Path

import psutil
import torch

from dagm_transfer.config.params import Params
from dagm_transfer.errors import UserError
from dagm_transfer.sweep.messages import Equipment
from dagm_transfer.training.device import choose_device

GIB = 2**30
# Of one worker on a CPU: the process with weights, gradients and momentum, and what one image of
# 224x224 pixels keeps between its forward and its backward pass. Both measured, rounded up.
PROCESS_GIB, IMAGE_GIB = 1.2, 0.15


def number_of(params: Params, asked: int | None) -> int:
    """How many workers: as asked, or one a GPU, or as many as the CPU's cores and memory bear.

    Raises:
        UserError: none are asked for, or the device is not there.
    """
    if asked is not None and asked < 1:
        raise UserError(f"--workers: {asked} is too few; a sweep needs at least one")
    devices = _devices(params.train.device)
    return asked or (len(devices) if devices[0] != "cpu" else _that_fit(params))


def equipment(
    params: Params,
    study: str,
    identity: str,
    workers: int,
    cache: Path,
    provenance: Mapping[str, str],
) -> list[Equipment]:
    """One entry a worker: its device and its share of the cores.

    Args:
        params: what is trained.
        study: its name.
        identity: tells studies of one name apart.
        workers: how many.
        cache: folder of the outputs of frozen layers.
        provenance: what the logs say of where the trials come from.
    """
    devices = _devices(params.train.device)
    threads = max(1, (os.cpu_count() or 1) // workers)
    return [
        Equipment(
            params, study, identity, devices[place % len(devices)], threads, cache, provenance
        )
        for place in range(workers)
    ]


def _devices(asked: str) -> list[str]:
    if asked in ("auto", "cuda") and torch.cuda.is_available():
        return [f"cuda:{place}" for place in range(torch.cuda.device_count())]
    return [str(choose_device(asked))]


def _that_fit(params: Params) -> int:
    """As many workers as there are cores, fewer where memory bears fewer."""
    images = params.train.batch_size * (params.data.size / 224) ** 2
    each = PROCESS_GIB + images * IMAGE_GIB
    return max(1, min(os.cpu_count() or 1, int(psutil.virtual_memory().available / GIB / each)))
