"""What the tests of the trunk share."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dagm_transfer.models.vgg16 import VGG16

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    """A trunk of the published widths, 59 MB; not to be changed."""
    generator = torch.Generator().manual_seed(0)
    state = VGG16(2, "gap", 32).features.state_dict()
    return {f"features.{k}": torch.randn(v.shape, generator=generator) for k, v in state.items()}


@pytest.fixture
def trunk(weights) -> dict[str, torch.Tensor]:
    """The same tensors in a dictionary of its own."""
    return dict(weights)


@pytest.fixture(scope="module")
def stored(weights, tmp_path_factory):
    """The trunk in a file, which pytest need not keep."""
    path = tmp_path_factory.mktemp("stored") / "trunk.safetensors"
    save_file(weights, path)
    yield path
    path.unlink()


@pytest.fixture
def real_trunk_file() -> Path:
    """The ImageNet-trained trunk beside the checkout."""
    path = SHARED / "weights" / "vgg16_imagenet_features.safetensors"
    if not path.exists():
        pytest.skip("no ../shared/weights beside this checkout")
    return path
