"""The parent and its workers: exact numbers, lost workers, failures, interrupts."""

import signal
import threading
import time
from pathlib import Path

import psutil
import pytest
import standins
from optuna.trial import TrialState
from standins import points

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.log import LogFiles, read_log
from dagm_transfer.params import load
from dagm_transfer.sweep.objective import Setup
from dagm_transfer.sweep.optimize import Optimization
from dagm_transfer.sweep.paths import SweepPaths

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(opened, url, sweep, tmp_path, monkeypatch):
    """Run a study whose trials behave as its name says; the study, the tally, and what was told."""
    monkeypatch.chdir(tmp_path)
    params = load(ROOT / "params" / "demo.yaml")

    def start(behaviour, trials, *, workers=2, timeout=None, asked=sweep, prune=False):
        study, told = opened(behaviour, prune=prune), []
        setup = Setup(
            study=behaviour, url=url, call=f"call {time.time()}", prune=prune,
            params=params.model_copy(update={"sweep": asked}), digests={},
            work=WorkPaths(tmp_path), provenance={}, tracking=None,
        )  # fmt: skip
        optimization = Optimization(
            study, setup, lambda number, said: told.append((number, said)), standins.work
        )
        optimization.run([("cpu", 1)] * workers, trials, timeout)
        return study, optimization, told

    return start


def states(study):
    return [trial.state.name for trial in study.get_trials(deepcopy=False)]


def log(study, number):
    return read_log(LogFiles.at(SweepPaths(study.study_name).log(number)))


def no_child_is_left():
    children = psutil.Process().children()
    return not [child for child in children if "spawn_main" in str(child.cmdline())]


@pytest.mark.parametrize("workers", [1, 3])
def test_exactly_so_many_trials_are_completed(run, workers):
    study, tally, told = run("works", 7, workers=workers)
    assert states(study) == ["COMPLETE"] * 7
    assert (tally.completed, tally.failed, tally.lost) == (7, 0, 0)
    assert sorted(number for number, _ in told) == list(range(7))
    assert no_child_is_left()


def test_further_trials_are_other_points(run, sweep):
    run("works", 5)
    study, *_ = run("works", 5)
    tried = points(study, "COMPLETE")
    assert tried[0] == sweep.first[0]
    assert len(tried) == 10
    assert all(point not in tried[:place] for place, point in enumerate(tried))


def test_the_trials_of_killed_workers_are_done_again(run):
    study, tally, told = run("dies", 6)
    done, lost = points(study, "COMPLETE"), points(study, "FAIL")
    assert lost
    assert len(done) == 6
    assert all(point not in done[:place] for place, point in enumerate(done)), "none twice"
    # One that was lost when enough were in hand waits for the next call.
    assert all(point in [*done, *points(study, "WAITING")] for point in lost), "none lost"
    assert (tally.failed, tally.lost) == (len(lost), len(lost))
    assert any("failed: its process died" in said for _, said in told)


def test_a_failed_trial_keeps_its_log_and_the_sweep_goes_on(run):
    study, tally, told = run("fails", 4)
    assert (tally.completed, states(study).count("COMPLETE")) == (4, 4)
    assert study.trials[1].user_attrs["error"] == "ValueError: no luck with trial 1"
    events = log(study, 1)
    assert [type(event).__name__ for event in events] == ["Begin", *["Evaluation"] * 3, "End"]
    assert events[-1].tags["optuna.state"] == "FAIL"
    assert events[-1].tags["error"] == "ValueError: no luck with trial 1"
    assert [said.partition("  ")[2] for number, said in told if number == 1] == [
        "failed: ValueError: no luck with trial 1"
    ]
    assert points(study, "WAITING") == [], "what fails by itself is not tried again"


def test_a_trial_that_another_process_failed_is_lost_and_no_crash(run):
    study, tally, _ = run("stalls", 4)
    assert (tally.completed, states(study).count("COMPLETE")) == (4, 4)
    assert log(study, 1)[-1].tags["optuna.state"] == "FAIL"
    assert no_child_is_left()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [("fails always", "no luck"), ("dies always", "its process died")],
)
def test_failures_in_a_row_end_the_sweep(run, behaviour, said):
    with pytest.raises(UserError, match=f"5 trials in a row failed: .*{said}"):
        run(behaviour, 50)
    assert no_child_is_left()


def test_points_that_failed_in_a_row_are_tried_again_once_that_is_mended(run, opened):
    with pytest.raises(UserError, match="5 trials in a row failed"):
        run("fails always", 50)
    study = opened("fails always")
    failed, waiting = points(study, "FAIL"), points(study, "WAITING")
    assert len(failed) >= 5
    assert all(point in waiting for point in failed[:5])


def test_what_no_trial_can_survive_ends_the_sweep_and_costs_no_point(run, opened):
    with pytest.raises(UserError, match=r"^no luck with trial 0$"):
        run("cannot go on", 50, workers=1)
    study = opened("cannot go on")
    assert states(study)[0] == "FAIL"
    assert points(study, "WAITING") == points(study, "FAIL")[:1]


def test_a_study_that_is_deleted_while_it_runs_is_one_line(run):
    with pytest.raises(UserError, match=r"^study is deleted: was deleted while it ran$"):
        run("is deleted", 50)
    assert no_child_is_left()
    study, *_ = run("works", 1)
    # SQLite gives the deleted study's number anew, and with it a trial that a worker was just
    # asking for when its study went.
    (done,) = study.get_trials(states=[TrialState.COMPLETE])
    assert log(study, done.number)[-1].tags["optuna.state"] == "COMPLETE"


def test_a_point_of_the_queue_that_lies_outside_fails_once_and_the_sweep_goes_on(run, opened):
    study = opened("works")
    wrong = [
        {"learning_rate": 1e-3, "trainable_from": 9},
        *({"learning_rate": rate, "trainable_from": 14} for rate in (1.0, 2.0, 3.0, 4.0, 5.0)),
    ]
    for point in wrong:
        study.enqueue_trial(point)
    study, tally, told = run("works", 3)
    assert (tally.completed, tally.failed) == (3, len(wrong))
    assert states(study) == ["FAIL"] * len(wrong) + ["COMPLETE"] * 3
    assert "'trainable_from'" in told[0][1] or "not in" in told[0][1]
    assert any("1.0 lies outside the search space" in said for _, said in told)


def test_a_point_of_the_queue_that_was_tried_is_not_trained_again(run, opened, sweep):
    run("works", 1)
    opened("works").enqueue_trial(sweep.first[0])
    study, tally, told = run("works", 2)
    assert states(study) == ["COMPLETE", "PRUNED", "COMPLETE", "COMPLETE"]
    assert (tally.completed, tally.pruned, len(told)) == (2, 0, 2)


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_every_point_of_a_small_space_is_tried_once_and_no_more(run, discrete, sampler):
    study, tally, _ = run("works", 9, asked=discrete.model_copy(update={"sampler": sampler}))
    done = points(study, "COMPLETE")
    assert len(done) == 4
    assert all(point not in done[:place] for place, point in enumerate(done))
    assert tally.exhausted


def test_no_trial_begins_after_the_time_is_up(run):
    study, tally, _ = run("works", 50, workers=1, timeout=0.0)
    assert (tally.completed, study.trials) == (0, [])


def test_an_interrupt_puts_the_trials_in_hand_back(run, opened, tmp_path):
    main = threading.main_thread().ident

    def interrupt():
        while not list(tmp_path.glob("reports/sweeps/waits/logs/*1.jsonl")):
            time.sleep(0.05)
        time.sleep(0.5)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run("waits", 4)
    assert no_child_is_left()
    study = opened("waits")
    assert states(study) == ["FAIL", "FAIL", "WAITING", "WAITING"]
    assert points(study, "FAIL") == points(study, "WAITING")


def test_what_pruning_ends_counts_and_is_marked(run):
    study, tally, told = run("is pruned", 8, workers=1, prune=True)
    assert (tally.completed, tally.pruned) == (8, 3)
    assert states(study) == ["COMPLETE"] * 5 + ["PRUNED"] * 3
    assert "10.0% on validation at the end, pruned after 10 iterations" in told[-1][1]
    assert log(study, 7)[-1].tags["optuna.state"] == "PRUNED"


def test_a_study_that_takes_no_results_ends_the_sweep(run):
    with pytest.raises(UserError, match=r"5 trials in a row failed|study cannot be written"):
        run("cannot be written", 50)
    assert no_child_is_left()
