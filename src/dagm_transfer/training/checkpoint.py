"""Where a training stands, on disk, so that it can be killed and go on."""

import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from dagm_transfer.core.errors import UserError, one_line
from dagm_transfer.core.files import beside


@dataclass(frozen=True)
class Checkpoint:
    """Iterations done, seconds that they took, and the states of network and optimiser."""

    step: int
    seconds: float
    network: dict[str, Any]
    optimiser: dict[str, Any]


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write where the training stands, whole or not at all."""
    with beside(path) as draft:
        torch.save(vars(checkpoint), draft)


def read_checkpoint(path: Path) -> Checkpoint | None:
    """Where the training stood; None where there is no checkpoint.

    Raises:
        UserError: the file is torn.
    """
    if not path.exists():
        return None
    try:
        with zipfile.ZipFile(path) as content:  # torch reads over a block of zeros
            if torn := content.testzip():
                raise zipfile.BadZipFile(f"{torn} does not match its checksum")
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))
    except (
        *(zipfile.BadZipFile, pickle.UnpicklingError, OSError, EOFError),
        *(RuntimeError, TypeError, ValueError, KeyError),
    ) as error:
        raise UserError(f"{path}: not a whole checkpoint ({one_line(error)})") from error
