"""A grid over the depths that train: every one once, and a page of a space of one dimension."""

from pathlib import Path

import optuna
import pytest

from dagm_transfer.params import load
from dagm_transfer.sweep.page import write_page
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.sweep.search_space import depths, suggest
from dagm_transfer.sweep.settings import Range
from dagm_transfer.sweep.study import enqueue_next, sampler

ROOT = Path(__file__).resolve().parents[2]
DEMO = load(ROOT / "params" / "demo.yaml")
GRID = {"sampler": "grid", "first": [], "space": {"trainable_from": Range(low=1, high=14)}}
FREEZE = DEMO.model_copy(update={"sweep": DEMO.sweep.model_copy(update=GRID)})
FACTS = {"name": "images", "input": "patch", "inputs": {"train": 40, "val": 20}}


@pytest.fixture
def swept(opened):
    """The whole grid, as a worker goes through it; nothing is trained."""

    def objective(trial):
        depth = suggest(trial, FREEZE.sweep.space)["trainable_from"]
        trial.set_user_attr("reached", depth < 12)
        return [1 - depth / 50, 10.0 * depth if depth < 12 else FREEZE.sweep.iterations]

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = opened("freeze")
    while enqueue_next(study, FREEZE.sweep):
        study.sampler = sampler(FREEZE.sweep, len(study.trials))
        study.optimize(objective, n_trials=1)
    return study


def test_a_point_is_the_base_but_for_its_depth():
    phase = FREEZE.variants[FREEZE.sweep.base].phases[0]
    for depth in depths(FREEZE.sweep.space):
        changes = {"trainable_from": depth, "iterations": FREEZE.sweep.iterations}
        variant, model = FREEZE.point({"trainable_from": depth})
        assert variant.phases == [phase.model_copy(update=changes)]
        assert model == FREEZE.model


def test_every_depth_is_tried_once(swept):
    tried = [trial.params["trainable_from"] for trial in swept.trials]
    assert sorted(tried) == list(range(1, 15))


def test_its_page_shows_the_accuracy_over_what_is_frozen(swept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = SweepPaths("freeze")
    write_page(swept, FREEZE, FACTS, paths)
    drawn = {path.stem for path in (paths.folder / "figures").iterdir()}
    assert {"freezing", "history", "front"} <= drawn
    assert "learning_rate" not in drawn
    page = (paths.folder / "index.html").read_text()
    assert "over the depth from which on they trained" in page
    assert f"14 completed trials of {FREEZE.sweep.iterations} iterations" in page
    assert all(path.stat().st_size < 300_000 for path in (paths.folder / "figures").iterdir())
