"""Which device a run uses, and what it is called in its log."""

import platform

import torch

from dagm_transfer.errors import UserError


def choose_device(name: str) -> torch.device:
    """The device of this name; `auto` is the first GPU where there is one, else the CPU.

    Raises:
        UserError: the device is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UserError("train.device: no CUDA device is here; use auto or cpu")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise UserError("train.device: no MPS device is here; use auto or cpu")
    if device.type == "cuda":
        # TF32: three times the speed of float32 for convolutions, with 10 bits of mantissa.
        torch.set_float32_matmul_precision("high")
    return device


def environment(device: torch.device) -> dict[str, str]:
    """What a run's numbers may hang on besides its identity."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": f"{device.type} ({name})",
        "threads": str(torch.get_num_threads()),
    }
