"""How many workers, and what each is started with."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import torch
from joblib import cpu_count

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.params import Params
from dagm_transfer.sweep.messages import Equipment
from dagm_transfer.training.device import choose_device

GIB = 2**30
CGROUP = Path("/sys/fs/cgroup")
# Of one worker on a CPU: the process itself, and what one image of 224x224 pixels keeps between its
# forward and its backward pass (both measured, rounded up); weights, gradients and momentum.
PROCESS_GIB, IMAGE_GIB, BYTES_A_WEIGHT = 1.0, 0.15, 3 * 4


def number_of(params: Params, asked: int | None) -> int:
    """How many workers: as asked, or one a GPU, or as many as the CPU's cores and memory bear.

    Raises:
        UserError: none are asked for, or the device is not there.
    """
    if asked is not None and asked < 1:
        raise UserError(f"--workers: {asked} is too few; a sweep needs at least one")
    devices = _devices(params.machine.device)
    return asked or (len(devices) if devices[0] != "cpu" else _that_fit(params))


def equipment(
    params: Params,
    study: str,
    identity: str,
    digests: Mapping[str, str],
    workers: int,
    cache: Path,
    provenance: Mapping[str, str],
) -> list[Equipment]:
    """One entry a worker: its device and its share of the cores (see `Equipment` for the rest)."""
    devices = _devices(params.machine.device)
    threads = max(1, cpu_count() // workers)
    return [
        Equipment(
            params=params,
            study=study,
            identity=identity,
            digests=digests,
            device=devices[place % len(devices)],
            threads=threads,
            cache=cache,
            provenance=provenance,
        )
        for place in range(workers)
    ]


def _devices(asked: str) -> list[str]:
    if asked in ("auto", "cuda") and torch.cuda.is_available():
        return [f"cuda:{place}" for place in range(torch.cuda.device_count())]
    return [str(choose_device(asked))]


def _that_fit(params: Params) -> int:
    """As many workers as there are cores, fewer where memory bears fewer."""
    with torch.device("meta"):
        network = VGG16(2 * len(params.data.textures), params.model.head, params.data.size)
    weights = sum(weight.numel() for weight in network.parameters()) * BYTES_A_WEIGHT
    images = params.train.batch_size * (params.data.size / 224) ** 2 * IMAGE_GIB
    pixels = (PREPARED / "inputs.npy").stat().st_size
    each = PROCESS_GIB + images + (weights + pixels) / GIB
    cores: int = cpu_count()
    return max(1, min(cores, int(_free_bytes() / GIB / each)))


def _free_bytes() -> int:
    """What the machine has free, or less where a container may not use all of it."""
    free = [psutil.virtual_memory().available]
    with suppress(OSError, ValueError):  # no control group, or one without a limit: "max"
        limit, used = ((CGROUP / f"memory.{name}").read_text() for name in ("max", "current"))
        free.append(int(limit) - int(used))
    return int(min(free))
