"""A folder to write images of a user's own below."""

from pathlib import Path

import pytest
from own_images import Own


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """An empty folder called `parts`."""
    root = tmp_path / "parts"
    root.mkdir()
    return Own(root)
