"""What the tests of the network share."""

from pathlib import Path

import pytest
import torch

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


@pytest.fixture(autouse=True)
def one_thread():
    """Threads wait for each other longer than networks as small as these compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def real_trunk_file() -> Path:
    """The ImageNet-trained trunk beside the checkout."""
    path = SHARED / "weights" / "vgg16_imagenet_features.safetensors"
    if not path.exists():
        pytest.skip("no ../shared/weights beside this checkout")
    return path
