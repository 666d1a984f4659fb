"""What belongs to a study, which point comes next, and what becomes of trials that are left."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import optuna
import pytest
from filelock import FileLock
from optuna.trial import TrialState
from standins import points

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.locks import HOST, owner
from dagm_transfer.params import load
from dagm_transfer.sweep import storage, study
from dagm_transfer.sweep.search_space import suggest
from dagm_transfer.sweep.storage import open_storage
from dagm_transfer.sweep.study import (
    PROCESS,
    check,
    delete_if_other,
    enqueue_next,
    fail_lost,
    is_tried,
    known_study,
    open_study,
    sampler,
    settings,
)

ROOT = Path(__file__).resolve().parents[2]


def take_turns(study, sweep, number):
    """As a worker does, but nothing is trained; the points that were tried."""

    def objective(trial):
        point = suggest(trial, sweep.space)
        if is_tried(trial, point):
            raise optuna.TrialPruned
        tried.append(point)
        return [0.9, 10.0]

    tried = []
    for _ in range(number):
        assert enqueue_next(study, sweep)
        study.sampler = sampler(sweep, len(study.trials))
        study.optimize(objective, n_trials=1)
    return tried


def different(points):
    return all(point not in points[:place] for place, point in enumerate(points))


def test_the_published_points_come_first(opened, sweep):
    assert take_turns(opened(), sweep, 1) == sweep.first


@pytest.mark.parametrize("kind", ["tpe", "random"])
def test_a_resumed_study_does_not_repeat_itself(opened, sweep, kind):
    asked = sweep.model_copy(update={"sampler": kind})
    tried = [point for _ in range(3) for point in take_turns(opened(), asked, 8)]
    assert len(tried) == 24
    assert different(tried)


def test_the_same_seed_draws_the_same_points(opened, sweep):
    assert take_turns(opened("one"), sweep, 6) == take_turns(opened("two"), sweep, 6)


def test_a_grid_is_its_untried_points_one_after_the_other(opened, discrete):
    asked = discrete.model_copy(update={"sampler": "grid"})
    tried = take_turns(opened(), asked, 3) + take_turns(opened(), asked, 1)
    assert len(tried) == 4
    assert different(tried)
    assert not enqueue_next(opened(), asked)


def test_a_point_in_hand_is_not_tried_by_another(opened, discrete):
    study = opened()
    study.enqueue_trial({"trainable_from": 1, "momentum": 0.9})
    suggest(study.ask(), discrete.space)
    study.enqueue_trial({"trainable_from": 1, "momentum": 0.9})
    second = study.ask()
    assert is_tried(second, suggest(second, discrete.space))


def test_a_study_has_two_objectives_with_names(opened):
    study = opened()
    assert [d.name for d in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert study.metric_names == ["val/accuracy", "iterations to target"]


def test_pruning_leaves_accuracy_alone(opened):
    assert [d.name for d in opened(prune=True).directions] == ["MAXIMIZE"]


def test_a_study_with_other_objectives_is_refused(opened, url):
    optuna.create_study(storage=open_storage(url), study_name="study", direction="minimize")
    with pytest.raises(UserError, match=r"study study: exists with other objectives \(minimize\)"):
        opened()


def test_a_study_stays_with_its_data(opened, sweep, url):
    opened()
    study = opened(begun_on={"data": "d1", "source": "s1"})  # nothing was tried yet
    take_turns(study, sweep, 1)
    with pytest.raises(UserError, match="another data"):
        opened(begun_on={"data": "d2", "source": "s1"})
    kept = open_storage(url)
    assert delete_if_other(kept, "study", {"data": "d1"}) is None
    assert delete_if_other(kept, "none", {"data": "d1"}) is None
    assert delete_if_other(kept, "study", {"data": "d2"}) == "data"
    assert optuna.get_all_study_names(kept) == []


def test_several_machines_may_begin_a_study_at_once(url):
    open_storage(url)  # its tables are there

    def begin(_):
        return open_study(open_storage(url), "study", {"data": "d1"}, prune=False).study_name

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(begin, range(4))) == ["study"] * 4
    assert optuna.get_all_study_names(url) == ["study"]


def test_a_study_stays_with_its_settings(opened, sweep):
    params = load(ROOT / "params" / "demo.yaml")
    study = opened(begun_on=settings(params))
    take_turns(study, sweep, 1)
    sampled = params.sweep.model_copy(update={"sampler": "random", "first": []})
    check(study, settings(params.model_copy(update={"sweep": sampled})))
    (phase,) = params.variants[params.sweep.base].phases
    faster = phase.model_copy(update={"learning_rate": 0.5, "iterations": 7})
    for name, value, held in (("phases", [faster], False), ("weight_decay", 0.1, True)):
        base = params.variants[params.sweep.base].model_copy(update={name: value})
        other = settings(params.model_copy(update={"variants": {params.sweep.base: base}}))
        with pytest.raises(UserError, match="another base") if held else nullcontext():
            check(study, other)
    for section, name, value in (
        ("sweep", "target", 0.5), ("sweep", "space", {"momentum": [0.0]}), ("sweep", "seed", 1),
        ("train", "batch_size", 7), ("model", "head", "fc"),
    ):  # fmt: skip
        other = getattr(params, section).model_copy(update={name: value})
        with pytest.raises(UserError, match="was begun with another"):
            check(study, settings(params.model_copy(update={section: other})))


def test_a_study_that_is_not_there_is_named_with_those_that_are(opened, url):
    opened()
    with pytest.raises(UserError, match="study other: not in this storage; there are: study"):
        known_study(url, "other")


def test_looking_for_a_study_makes_no_database(tmp_path):
    with pytest.raises(UserError, match="no study there yet"):
        known_study(f"sqlite:///{tmp_path / 'none.db'}", "study")
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")
def test_what_a_dead_process_left_is_tried_again(opened, sweep, tmp_path):
    study = opened()
    (tmp_path / "ended.lock").touch()
    owners = {name: owner(tmp_path / f"{name}.lock") for name in ("ended", "removed", "alive")}
    owners["elsewhere"] = {**owners["ended"], HOST: "another-host"}
    trials = {name: study.ask() for name in (*owners, "nobody")}
    for name, trial in trials.items():
        suggest(trial, sweep.space)
        if name in owners:
            trial.set_user_attr(PROCESS, owners[name])
    dead = [trials["ended"].params, trials["removed"].params]
    with FileLock(tmp_path / "alive.lock"):
        assert fail_lost(study) == 2
        assert points(study, "FAIL") == points(study, "WAITING") == dead
        assert fail_lost(study) == 0
    assert fail_lost(study) == 1
    assert study.trials[trials["alive"].number].state == TrialState.FAIL
    again = study.ask()
    assert not is_tried(again, suggest(again, sweep.space)), "a retry is no repetition"


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")
def test_a_trial_that_nobody_claimed_is_lost_after_a_while(opened, sweep, monkeypatch):
    opened_study = opened()
    opened_study.enqueue_trial(sweep.first[0])
    opened_study.ask()
    assert fail_lost(opened_study) == 0, "it may be claimed in a moment"
    monkeypatch.setattr(study, "GRACE", -1)
    assert fail_lost(opened_study) == 1
    assert suggest(opened_study.ask(), sweep.space) == sweep.first[0]


DYING = """
import os, sys, time
import dagm_transfer.sweep.storage as storage
storage.HEARTBEAT, storage.GRACE = 1, 2
study = storage.optuna.load_study(study_name="study", storage=storage.open_storage(sys.argv[1]))
def die(trial):
    trial.suggest_int("x", 3, 9)
    time.sleep(2)  # a heartbeat was seen
    os._exit(0)
study.optimize(die, n_trials=1)
"""


def test_heartbeats_show_who_is_gone_on_another_machine(url, monkeypatch):
    monkeypatch.setattr(storage, "HEARTBEAT", 1)
    monkeypatch.setattr(storage, "GRACE", 2)
    kept = optuna.create_study(storage=open_storage(url), study_name="study")
    kept.enqueue_trial({"x": 3})
    subprocess.run([sys.executable, "-c", DYING, url], check=True)
    (lost,) = kept.trials
    assert (lost.state, lost.params) == (TrialState.RUNNING, {"x": 3})
    time.sleep(4)
    kept.optimize(lambda trial: trial.suggest_int("x", 3, 9), n_trials=1)
    assert [trial.state for trial in kept.trials] == [TrialState.FAIL, TrialState.COMPLETE]
    assert kept.trials[1].params == {"x": 3}
