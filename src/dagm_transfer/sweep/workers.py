"""How many workers a sweep has, and where each trains."""

import psutil
import torch
from joblib import cpu_count

from dagm_transfer.core.errors import UserError
from dagm_transfer.params import Params
from dagm_transfer.training.device import choose_device

# Of one worker on a CPU, measured and rounded up: the process itself with its weights, gradients
# and momentum, and what one image of 224x224 pixels keeps between forward and backward pass.
PROCESS_GIB, IMAGE_GIB = 2.5, 0.15


def workers(params: Params, asked: int | None, trials: int) -> list[tuple[str, int]]:
    """Device and threads of each worker.

    As many as asked, or one a GPU, or as many as the CPU's cores and free memory bear; never more
    than there are trials to complete.

    Raises:
        UserError: none are asked for, or the device is not there.
    """
    if asked is not None and asked < 1:
        raise UserError(f"--workers: {asked} is too few; a sweep needs at least one")
    devices = [str(choose_device(params.machine.device))]
    if devices[0].startswith("cuda"):
        devices = [f"cuda:{place}" for place in range(torch.cuda.device_count())]
    images = params.train.batch_size * (params.data.size / 224) ** 2 * IMAGE_GIB
    fit = int(psutil.virtual_memory().available / 2**30 / (PROCESS_GIB + images))
    count = asked or (max(1, min(cpu_count(), fit)) if devices[0] == "cpu" else len(devices))
    count = max(1, min(count, trials))
    return [(devices[n % len(devices)], max(1, cpu_count() // count)) for n in range(count)]
