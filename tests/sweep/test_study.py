"""Which point comes next, what belongs to a study, and what becomes of trials that are left."""

import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from math import inf
from pathlib import Path

import optuna
import pytest
from filelock import FileLock
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.locks import HOST, owner
from dagm_transfer.params import load
from dagm_transfer.sweep import storage as storages
from dagm_transfer.sweep.pulse import Pulse
from dagm_transfer.sweep.space import canonical
from dagm_transfer.sweep.storage import open_storage
from dagm_transfer.sweep.study import (
    IDENTITY,
    check,
    give_up,
    known_study,
    next_trial,
    open_study,
    settings,
)
from dagm_transfer.sweep.takeover import OWNER, take_over

ROOT = Path(__file__).resolve().parents[2]


def complete(study, sweep, number):
    """Ask and tell so many trials; their points."""
    points = []
    for _ in range(number):
        trial = next_trial(study, sweep)
        study.tell(trial, [trial.params.get("learning_rate", 0.5), 10])
        points.append(canonical(trial.params))
    return points


def test_the_published_points_come_first(opened, sweep):
    assert complete(opened(), sweep, 1) == [canonical(sweep.first[0])]


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_resumed_study_does_not_repeat_itself(opened, sweep, sampler):
    asked = sweep.model_copy(update={"sampler": sampler})
    points = [point for _ in range(3) for point in complete(opened(asked), asked, 8)]
    assert len(set(points)) == 24


def test_the_same_seed_draws_the_same_points(tmp_path, sweep):
    drawn = [
        complete(
            open_study(open_storage(str(tmp_path / name)), "s", sweep, {}, prune=False), sweep, 6
        )
        for name in ("one", "two")
    ]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_every_point_of_a_small_space_is_tried_once_and_no_more(opened, discrete, sampler):
    asked = discrete.model_copy(update={"sampler": sampler})
    assert len(set(complete(opened(asked), asked, 4))) == 4
    assert next_trial(opened(asked), asked) is None


def test_a_point_in_hand_is_not_handed_out_again(opened, discrete):
    study = opened(discrete)
    held = [next_trial(study, discrete) for _ in range(4)]
    assert len({canonical(trial.params) for trial in held}) == 4
    assert next_trial(study, discrete) is None


def test_a_study_has_two_objectives_with_names(opened):
    study = opened()
    assert [d.name for d in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert study.metric_names == ["val/accuracy", "iterations to target"]


def test_pruning_leaves_accuracy_alone(opened):
    assert [d.name for d in opened(prune=True).directions] == ["MAXIMIZE"]


def test_a_study_with_other_objectives_is_refused(opened, journal):
    optuna.create_study(storage=open_storage(journal), study_name="study", direction="minimize")
    with pytest.raises(UserError, match=r"study study: exists with other objectives \(minimize\)"):
        opened()


def test_a_study_stays_with_its_data(opened, sweep):
    opened()
    study = opened(about={"data": "d1", "source": "s1"})  # nothing was tried yet
    complete(study, sweep, 1)
    with pytest.raises(UserError, match="another data"):
        opened(about={"data": "d2", "source": "s1"})
    opened(sweep.model_copy(update={"sampler": "random"}))


def test_a_study_has_one_identity_whoever_made_it(sweep, tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    open_storage(url)  # its tables are there

    def identity(name):
        return open_study(open_storage(url), name, sweep, {}, prune=False).user_attrs[IDENTITY]

    with ThreadPoolExecutor(4) as pool:  # as several machines that begin at once
        assert len(set(pool.map(identity, ["study"] * 4))) == 1
    optuna.create_study(
        storage=url, study_name="by other means", directions=["maximize", "minimize"]
    )
    assert identity("by other means") == identity("by other means") != identity("study")


def test_a_study_stays_with_its_settings(tmp_path):
    params = load(ROOT / "params" / "demo.yaml")
    study = open_study(
        open_storage(str(tmp_path / "j")), "study", params.sweep, settings(params), prune=False
    )
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


def test_a_point_is_tried_again_so_often_and_no_more(opened, sweep):
    study, points = opened(), []
    for _ in range(3):
        trial = next_trial(study, sweep)
        points.append(canonical(trial.params))
        give_up(study, trial.number, "its worker died", tries=3)
    assert len(set(points)) == 1
    assert canonical(next_trial(study, sweep).params) not in points


def test_a_trial_is_claimed_before_its_point_is_drawn(opened, sweep):
    study, seen = opened(), []
    trial = next_trial(study, sweep, lambda asked: seen.append((asked.number, dict(asked.params))))
    assert seen == [(trial.number, {})]
    assert canonical(trial.params) == canonical(sweep.first[0])


def test_interrupts_do_not_count_as_losses(opened, sweep):
    study, points = opened(), []
    for tries in (inf, inf, inf, 2, 2):
        trial = next_trial(study, sweep)
        points.append(canonical(trial.params))
        give_up(study, trial.number, "interrupted, or its worker died", tries=tries)
    assert len(set(points)) == 1
    assert canonical(next_trial(study, sweep).params) != points[0]


@pytest.mark.parametrize("sampler", ["tpe", "grid"])
def test_a_point_that_fails_is_not_proposed_again(opened, discrete, sampler):
    asked = discrete.model_copy(update={"sampler": sampler})
    study = opened(asked)
    points = []
    while trial := next_trial(study, asked):
        points.append(canonical(trial.params))
        give_up(study, trial.number, "bad luck", tries=0)
    assert len(points) == len(set(points)) == 4


def test_two_processes_with_one_seed_try_different_points(journal, sweep):
    studies = [open_study(open_storage(journal), "study", sweep, {}, prune=False) for _ in "ab"]
    trials = [next_trial(study, sweep) for _ in range(4) for study in studies]
    assert len({canonical(trial.params) for trial in trials}) == 8


def test_a_study_that_is_not_there_is_named_with_those_that_are(opened, journal):
    opened()
    with pytest.raises(UserError, match="study other: not in this storage; there are: study"):
        known_study(journal, "other")


def test_a_trial_given_up_says_why_and_comes_again_if_it_shall(opened, sweep):
    study = opened()
    lost, broken = next_trial(study, sweep), next_trial(study, sweep)
    give_up(study, lost.number, "killed", tries=2)
    give_up(study, broken.number, "bad luck", tries=0)
    states = [(t.state, t.user_attrs.get("error")) for t in study.trials[:2]]
    assert states == [(TrialState.FAIL, "killed"), (TrialState.FAIL, "bad luck")]
    again = next_trial(study, sweep)
    assert canonical(again.params) == canonical(lost.params)
    assert canonical(next_trial(study, sweep).params) != canonical(broken.params)


def test_a_trial_that_ended_is_not_given_up(opened, sweep):
    study = opened()
    complete(study, sweep, 1)
    give_up(study, 0, "too late", tries=9)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE]


def test_what_a_dead_process_left_is_taken_over(opened, sweep, tmp_path):
    study = opened()
    (tmp_path / "ended.lock").touch()
    owners = {name: owner(tmp_path / f"{name}.lock") for name in ("ended", "removed", "alive")}
    owners["elsewhere"] = {**owners["ended"], HOST: "another-host"}
    trials = {name: next_trial(study, sweep) for name in (*owners, "nobody")}
    for name, told in owners.items():
        trials[name].set_user_attr(OWNER, told)
    dead = [trials["ended"].number, trials["removed"].number]
    with FileLock(tmp_path / "alive.lock"):
        assert take_over(study) == dead
        waiting = [t.params for t in study.get_trials(states=(TrialState.WAITING,))]
        assert waiting == [study.trials[number].params for number in dead]
        assert take_over(study) == []
    assert take_over(study) == [trials["alive"].number]


def test_what_was_asked_for_by_a_process_that_died_at_once_is_not_lost(opened, sweep, monkeypatch):
    def die(_):
        raise SystemExit

    study = opened()
    for _ in range(2):  # a first point, and one that the sampler would have drawn
        with pytest.raises(SystemExit):
            next_trial(study, sweep, die)
    others = study.ask({"momentum": FloatDistribution(0, 1)})  # by another program
    assert take_over(study) == [], "it may be claimed in a moment"
    monkeypatch.setattr("dagm_transfer.sweep.takeover.GRACE", -1)
    assert take_over(study) == [0, 1]
    assert study.trials[others.number].state == TrialState.RUNNING
    assert next_trial(study, sweep).params == sweep.first[0]


def test_a_database_shows_by_heartbeats_who_is_gone(tmp_path, sweep, monkeypatch):
    monkeypatch.setattr(storages, "HEARTBEAT", 1)
    monkeypatch.setattr(storages, "GRACE", 2)
    monkeypatch.setattr("dagm_transfer.sweep.pulse.HEARTBEAT", 0.5)
    url = f"sqlite:///{tmp_path / 'study.db'}"
    study = open_study(open_storage(url), "study", sweep, {}, prune=False)
    lost, held = next_trial(study, sweep), next_trial(study, sweep)
    with Pulse(open_storage(url)) as dying:
        dying.hold([lost])
    with Pulse(open_storage(url)) as pulse:
        pulse.hold([held])
        added = next_trial(study, sweep)
        pulse.add(added)
        subprocess.run(["sleep", "4"], check=True)
        assert take_over(study) == [lost.number]
    assert study.trials[held.number].state == TrialState.RUNNING
    assert study.trials[added.number].state == TrialState.RUNNING


def test_a_line_that_was_half_written_is_cut_off(opened, sweep, journal):
    study = opened()
    complete(study, sweep, 2)
    path = Path(journal)
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines()[-1][:40])
    assert len(complete(opened(), sweep, 1)) == 1
    assert path.read_bytes().startswith(whole)
    assert [trial.state for trial in opened().trials] == [TrialState.COMPLETE] * 3


def test_a_lock_that_a_killed_process_left_is_broken(sweep, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = open_study(open_storage("reports/journal.log"), "study", sweep, {}, prune=False)
    lock = study._storage._backend._lock  # noqa: SLF001 - Optuna gives no other way to it
    lock.acquire()  # and never released
    lock.grace_period = 1
    assert complete(study, sweep, 1)


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as database:
        database.execute("create table runs (id integer)")
    before = path.read_bytes()
    with pytest.raises(UserError, match="tables of another program"):
        open_storage(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_looking_for_a_study_makes_no_database(tmp_path):
    with pytest.raises(UserError, match="no study there yet"):
        known_study(f"sqlite:///{tmp_path / 'none.db'}", "study")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("postgresql://u:secret@127.0.0.1:9/none", r"//u:\*\*\*@127.0.0.1:9/none: cannot"),
        ("sqlite:////no/such/folder/study.db", "unable to open"),
        ("nonsense://", "not the URL"),
        ("://", "not the URL"),
    ],
)
def test_a_storage_that_cannot_be_opened_is_one_line(where, said):
    with pytest.raises(UserError, match=said) as raised:
        open_storage(where)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_journal_is_one_line(tmp_path):
    path = tmp_path / "text"
    path.write_text("not a journal\n")
    with pytest.raises(UserError, match="not an Optuna journal"):
        open_storage(str(path))
