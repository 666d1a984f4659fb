"""Which device a run uses, and what its numbers depend on besides what was asked for."""

import os
import platform
import re
from pathlib import Path

import torch

from dagm_transfer.core.errors import UserError

# Each limits the instructions that a CPU's kernels use, and so the order in which they add.
LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY",
          "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR")  # fmt: skip
CPUINFO = Path("/proc/cpuinfo")


def choose_device(name: str) -> torch.device:
    """The device of this name; `auto` is the first GPU where there is one, else the CPU.

    Raises:
        UserError: the device is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and not (device.index or 0) < torch.cuda.device_count():
        raise UserError(f"machine.device: no {name} is here; use auto or cpu")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise UserError("machine.device: no MPS device is here; use auto or cpu")
    if device.type == "cuda":
        # TF32, with 10 bits of mantissa, in linear layers too: cuDNN has it for convolutions.
        torch.set_float32_matmul_precision("high")
    return device


def environment(device: torch.device) -> dict[str, str]:
    """What a run's numbers depend on besides its identity: equal ones give equal bits on a CPU.

    `ONEDNN_MAX_CPU_ISA=AVX2`, say, changes a convolution's gradient in the last bits, and a few
    dozen iterations make points of accuracy of that.
    """
    told = {"torch": torch.__version__, "device": device.type}
    if device.type == "cuda":
        return {**told, "gpu": torch.cuda.get_device_name(device)}
    return {
        **told,
        "cpu": _cpu_model(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": str(torch.get_num_threads()),
        **{name: os.environ[name] for name in LIMITS if os.environ.get(name)},
    }


def _cpu_model() -> str:
    if CPUINFO.exists():
        named = re.search(r"^model name\s*:\s*(.+)$", CPUINFO.read_text(), re.MULTILINE)
        if named:
            return named[1]
    return platform.processor() or platform.machine()
