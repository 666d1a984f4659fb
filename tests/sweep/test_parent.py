"""The parent and its workers: exact numbers, lost workers, failures, interrupts."""

import signal
import threading
import time

import optuna
import psutil
import pytest
import standins
from optuna.trial import TrialState

from dagm_transfer.core.errors import UserError
from dagm_transfer.events.event import Begin, End, MemoryRecorder
from dagm_transfer.events.log import LogFiles, read_log
from dagm_transfer.sweep.messages import Equipment
from dagm_transfer.sweep.parent import Listeners, run_trials
from dagm_transfer.sweep.space import canonical


@pytest.fixture
def run(opened, sweep, tmp_path):
    """Run a study whose workers behave as its name says; the study, the tally, who was told."""

    def start(behaviour, trials, *, workers=2, timeout=None, prune=False, on_trial=None):
        study = opened(prune=prune)
        crew = [
            Equipment(params=None, study=behaviour, identity="i", digests={}, device="cpu",
                      threads=1, cache=tmp_path, provenance={})
        ] * workers  # fmt: skip
        told, heard = [], MemoryRecorder()
        listeners = Listeners(
            recorders=lambda _: [heard],
            on_trial=on_trial or (lambda number, _, outcome: told.append((number, outcome))),
            on_ask=lambda _: None,
            on_tick=lambda _: None,
        )
        tally = run_trials(
            study,
            sweep,
            crew,
            standins.work,
            trials=trials,
            timeout=timeout,
            logs=tmp_path / "logs",
            listeners=listeners,
        )
        return study, tally, told, heard.events

    return start


def states(study):
    return [trial.state for trial in study.get_trials(deepcopy=False)]


def no_child_is_left():
    children = psutil.Process().children()
    return not [child for child in children if "spawn_main" in str(child.cmdline())]


@pytest.mark.parametrize("workers", [1, 3])
def test_exactly_so_many_trials_are_completed(run, workers):
    study, tally, told, _ = run("works", 7, workers=workers)
    assert states(study) == [TrialState.COMPLETE] * 7
    assert (tally.completed, tally.failed, sorted(n for n, _ in told)) == (7, 0, list(range(7)))
    assert no_child_is_left()


def test_further_trials_are_other_points(run):
    run("works", 5)
    study, *_ = run("works", 5)
    points = [canonical(trial.params) for trial in study.trials]
    assert len(points) == len(set(points)) == 10


def test_the_trials_of_killed_workers_are_done_again(run, tmp_path):
    study, tally, _, _ = run("dies", 6)
    done = [canonical(t.params) for t in study.get_trials(states=(TrialState.COMPLETE,))]
    lost = [canonical(t.params) for t in study.get_trials(states=(TrialState.FAIL,))]
    assert len(done) == len(set(done)) == 6, "none lost, none double"
    waiting = [canonical(t.params) for t in study.get_trials(states=(TrialState.WAITING,))]
    assert lost
    # One that was lost when enough were in hand waits for the next call.
    assert set(lost) <= {*done, *waiting}
    assert tally.failed == len(lost)
    assert set(states(study)) <= {TrialState.COMPLETE, TrialState.FAIL, TrialState.WAITING}
    log = read_log(LogFiles.at(tmp_path / "logs" / "trial-0001.jsonl"))
    assert isinstance(log[0], Begin)
    assert isinstance(log[-1], End)
    assert "ended with -9" in log[-1].tags["error"]


def test_a_failed_trial_keeps_its_log_and_the_sweep_goes_on(run, tmp_path):
    study, tally, told, _ = run("fails", 4)
    assert (tally.completed, states(study).count(TrialState.COMPLETE)) == (4, 4)
    failed = study.trials[1]
    assert failed.user_attrs["error"] == "no luck with trial 1"
    log = read_log(LogFiles.at(tmp_path / "logs" / "trial-0001.jsonl"))
    assert [type(event).__name__ for event in log] == ["Begin", *["Evaluation"] * 3, "End"]
    assert dict(log[-1].tags) == {"optuna.state": "FAIL", "error": "no luck with trial 1"}
    assert [outcome.summary for number, outcome in told if number == 1] == [
        "failed: no luck with trial 1"
    ]


@pytest.mark.parametrize(
    ("behaviour", "said"), [("fails always", "no luck"), ("dies always", "ended with 7")]
)
def test_failures_in_a_row_end_the_sweep(run, behaviour, said):
    with pytest.raises(UserError, match=f"5 trials in a row failed: .*{said}"):
        run(behaviour, 50)
    assert no_child_is_left()


def test_what_no_trial_can_survive_ends_the_sweep_and_costs_no_point(run, opened):
    with pytest.raises(UserError, match=r"^no luck with trial 0$"):
        run("cannot go on", 50, workers=1)
    assert states(opened()) == [TrialState.FAIL, TrialState.WAITING]


def test_ctrl_c_waits_until_a_trial_is_told(run, opened, monkeypatch, tmp_path):
    tell = optuna.Study.tell

    def told_in_the_middle_of_ctrl_c(*args, **kwargs):
        signal.raise_signal(signal.SIGINT)
        return tell(*args, **kwargs)

    monkeypatch.setattr(optuna.Study, "tell", told_in_the_middle_of_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        run("works", 4, workers=1)
    assert states(opened()) == [TrialState.COMPLETE]
    log = read_log(LogFiles.at(tmp_path / "logs" / "trial-0000.jsonl"))
    assert log[-1].tags["optuna.state"] == "COMPLETE"


def test_points_that_failed_in_a_row_are_tried_again_once_that_is_mended(run):
    with pytest.raises(UserError, match="5 trials in a row failed"):
        run("fails always", 50)
    study, tally, *_ = run("works", 4)
    done = [canonical(t.params) for t in study.get_trials(states=(TrialState.COMPLETE,))]
    assert (tally.completed, tally.failed) == (4, 0)
    assert canonical(study.trials[0].params) in done, "the published point comes first again"


def test_no_trial_begins_after_the_time_is_up(run):
    study, tally, *_ = run("works", 50, workers=1, timeout=0.0)
    assert (tally.completed, study.trials) == (0, [])


def test_an_interrupt_puts_the_trials_in_hand_back(run, opened, tmp_path):
    main = threading.main_thread().ident

    def interrupt():
        while not list((tmp_path / "logs").glob("*1.jsonl")):
            time.sleep(0.05)
        time.sleep(0.5)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run("waits", 4)
    assert no_child_is_left()
    study = opened()
    assert states(study) == [TrialState.FAIL] * 2 + [TrialState.WAITING] * 2
    assert {trial.user_attrs.get("error") for trial in study.trials[:2]} == {"interrupted"}
    study, *_ = run("works", 2)
    assert states(study) == [TrialState.FAIL] * 2 + [TrialState.COMPLETE] * 2


def test_what_pruning_ends_counts_and_is_marked(run):
    study, tally, *_ = run("stops", 14, workers=1, prune=True)
    assert (tally.completed, tally.pruned) == (14, states(study).count(TrialState.PRUNED))
    assert set(states(study)) == {TrialState.COMPLETE, TrialState.PRUNED}
    assert states(study)[:5] == [TrialState.COMPLETE] * 5


def test_whoever_listens_hears_the_whole_trial(run):
    *_, events = run("works", 1, workers=1)
    assert [type(event).__name__ for event in events] == ["Begin", *["Evaluation"] * 3, "End"]
    assert events[-1].metrics["sweep/to_target"] == 20
    assert events[-1].tags["optuna.state"] == "COMPLETE"
