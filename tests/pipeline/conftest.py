"""One finished project for all tests of the chain, made once for all workers."""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from project import Project, new_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Project:
    """A project after its first `dvc repro`; tests that change it take a copy."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    root = shared / "finished" / "checkout"
    done = root.parent / "done"
    shared.joinpath("finished").mkdir(exist_ok=True)
    with FileLock(shared / "finished.lock"):
        if not done.exists():
            shutil.rmtree(root, ignore_errors=True)  # by a worker that did not get to the end
            project = new_project(root)
            project.run("dvc", "repro")
            project.commit("first run")
            done.touch()
    return Project(root)


@pytest.fixture
def copied(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project that a test may change."""
    return finished.copy(tmp_path / "copy")
