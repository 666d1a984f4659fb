"""Studies in files of their own."""

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna import Study

from dagm_transfer.sweep.settings import Range, Sweep
from dagm_transfer.sweep.storage import open_storage
from dagm_transfer.sweep.study import open_study

BEGUN_ON = {"data": "d1", "source": "s1"}


@pytest.fixture
def sweep() -> Sweep:
    return Sweep(
        base="finetune",
        sampler="tpe",
        seed=0,
        target=0.95,
        iterations=60,
        evaluate_every=5,
        space={"learning_rate": Range(low=1e-4, high=1e-2, log=True), "trainable_from": [1, 14]},
        first=[{"learning_rate": 1e-3, "trainable_from": 1}],
    )


@pytest.fixture
def discrete(sweep: Sweep) -> Sweep:
    """A space of four points."""
    space = {"trainable_from": [1, 14], "momentum": [0.0, 0.9]}
    return sweep.model_copy(update={"space": space, "first": []})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'study.db'}"


@pytest.fixture
def opened(url: str) -> Callable[..., Study]:
    """A study in the file, opened as a new process opens it."""

    def open_it(name: str = "study", *, prune: bool = False, begun_on: dict = BEGUN_ON) -> Study:
        return open_study(open_storage(url), name, begun_on, prune=prune)

    yield open_it
    optuna.logging.set_verbosity(optuna.logging.INFO)
