"""The trunks that a run kept on its way (`train.snapshots`), as the stage `train` left them."""

from copy import deepcopy
from pathlib import Path

from safetensors import safe_open

from dagm_transfer.models.vgg16 import VGG16


def kept_steps(path: Path) -> list[int]:
    """The iterations after which a trunk was kept, in their order; none where none was asked for.

    Args:
        path: `snapshots.safetensors` of a run, with names such as `0000040/features.0.weight`.
    """
    with safe_open(path, framework="pt") as file:
        return sorted({int(name.partition("/")[0]) for name in file.keys()})  # noqa: SIM118


def network_at(step: int, path: Path, like: VGG16) -> VGG16:
    """A copy of a network with the trunk that was kept then; its head is the other's.

    Only that trunk is read: all of them together may be more than memory holds.
    """
    with safe_open(path, framework="pt") as file:
        names = [name for name in file.keys() if int(name.partition("/")[0]) == step]  # noqa: SIM118
        trunk = {name.partition("/")[2]: file.get_tensor(name) for name in names}
    network = deepcopy(like)
    network.load_state_dict({**network.state_dict(), **trunk})
    return network.eval()
