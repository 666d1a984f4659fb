"""What all tests share."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Threads wait for each other longer than networks as small as these compute."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs a typed `dagm` in this process; its exit code, and what it says on both outputs."""
    from dagm_transfer.cli.main import main

    def run(*command: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dagm", *map(str, command)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can enter, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that the workers end together."""
    longest = (  # before those that wait for one project: who makes one of their own
        "test_walk.py",
        "test_published.py",
        "test_sweep.py",
        "test_repro.py",
        "test_sweep_ends.py",
        "test_optimize.py",
        "test_students.py",
        "test_own_images.py",
        "test_report.py",
        "test_export.py",
        "test_kills.py",
    )
    items.sort(
        key=lambda item: (
            longest.index(item.path.name) if item.path.name in longest else len(longest)
        )
    )
