"""One finished project for all tests of the chain."""

from pathlib import Path

import pytest
from project import Project, new_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after its first `dvc repro`; tests that change it take a copy."""
    project = new_project(tmp_path_factory.mktemp("project") / "checkout")
    project.run("dvc", "repro")
    project.commit("first run")
    return project


@pytest.fixture
def copied(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project that a test may change."""
    return finished.copy(tmp_path / "copy")
