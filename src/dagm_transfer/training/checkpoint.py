"""Where a training stands, on disk, so that it can be killed and go on."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from dagm_transfer.files import beside


@dataclass(frozen=True)
class Checkpoint:
    """Iterations done, and seconds that they took."""

    step: int
    seconds: float


def save_checkpoint(
    path: Path, checkpoint: Checkpoint, network: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Write where the training stands, whole or not at all."""
    content = {
        "step": checkpoint.step,
        "seconds": checkpoint.seconds,
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    with beside(path) as draft:
        torch.save(content, draft)


def load_checkpoint(
    path: Path, network: nn.Module, optimiser: torch.optim.Optimizer
) -> Checkpoint | None:
    """Put network and optimiser back to where they stood; None where there is no checkpoint."""
    if not path.exists():
        return None
    content = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict(content["network"])
    optimiser.load_state_dict(content["optimiser"])
    return Checkpoint(content["step"], content["seconds"])


def checkpoint_step(path: Path) -> int:
    """The iterations done at a checkpoint, 0 without one."""
    if not path.exists():
        return 0
    step: int = torch.load(path, map_location="cpu", weights_only=True, mmap=True)["step"]
    return step
