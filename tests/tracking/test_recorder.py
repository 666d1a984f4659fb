"""A training in the store while it goes, and the runs that others left open."""

import pytest
from filelock import FileLock

from dagm_transfer.core.locks import HOST, LOCK, owner
from dagm_transfer.tracking.fail_soft import FailSoftRecorder
from dagm_transfer.tracking.recorder import TrainingRecorder
from dagm_transfer.tracking.runs import start_run


@pytest.fixture
def lock(work):
    """Held by this process, as the command line holds it for a training."""
    path = work.lock("run")
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        yield path


@pytest.fixture
def record(store, lock):
    """Record events live; the recorder."""

    def record(events):
        recorder = TrainingRecorder(store.place, lock=lock, draw=store.draws["training"])
        for event in events:
            recorder.record(event)
        return recorder

    return record


def test_each_event_is_there_at_once(store, make_logs, record):
    events = make_logs()["training"]
    recorder = record(events[:2])
    assert store.run().info.status == "RUNNING"
    assert store.history(store.run())["val/accuracy"] == [(1, 0.5, 1_700_000_001_000)]
    for event in events[2:]:
        recorder.record(event)
    assert store.run().info.status == "FINISHED"


def test_live_and_replayed_are_the_same(store, make_logs, record):
    logs = {"training": make_logs()["training"]}
    record(logs["training"])
    live = store.run()
    values = store.history(live)
    assert not store.put(logs)
    store.place.client.delete_run(live.info.run_id)
    assert store.put(logs)
    replayed = store.run()
    assert store.history(replayed) == values
    assert replayed.data.params == live.data.params
    assert replayed.info.start_time == live.info.start_time
    assert replayed.info.end_time == live.info.end_time
    processes = {HOST, LOCK}
    assert replayed.data.tags.keys() == live.data.tags.keys() - processes
    assert replayed.data.tags.items() <= live.data.tags.items()


def test_a_run_that_is_there_is_not_shown_again(store, make_logs, record):
    store.put(make_logs())
    before = store.everything()
    record(make_logs()["training"])
    assert store.everything() == before


def test_another_end_than_the_store_has_makes_the_run_anew(store, make_logs, record):
    store.put(make_logs())
    record(make_logs(accuracy=1.0)["training"])
    assert store.run().data.metrics["val/accuracy"] == 1.0


def test_a_dead_run_of_this_machine_is_ended(store, make_logs, record, work):
    dead, own = work.locks / "dead.lock", make_logs(identity="b" * 64)["training"]
    start_run(store.place, own[0], owner(dead))
    record(make_logs()["training"])
    assert {run.data.tags["identity"][0]: run.info.status for run in store.runs()} == {
        "a": "FINISHED", "b": "KILLED",
    }  # fmt: skip


def test_a_run_that_this_lock_once_held_is_ended(store, make_logs, record, lock):
    events = make_logs()["training"]
    start_run(store.place, events[0], owner(lock))
    record(events)
    assert sorted(run.info.status for run in store.runs()) == ["FINISHED", "KILLED"]


def test_a_live_run_of_another_machine_is_left_alone(store, make_logs, record, lock):
    events = make_logs()["training"]
    theirs = start_run(store.place, events[0], {**owner(lock), HOST: "elsewhere"})
    record(events)
    store.put(make_logs())
    assert store.place.client.get_run(theirs).info.status == "RUNNING"
    assert sorted(run.info.status for run in store.runs()) == ["FINISHED", "RUNNING"]


def test_an_interrupted_run_is_ended(store, make_logs, record):
    record(make_logs()["training"][:2]).abandon()
    assert store.run().info.status == "KILLED"


class Failing:
    """A store that fails after so many events, and at the end."""

    def __init__(self, after: int):
        self.left = after

    def record(self, _event):
        self.left -= 1
        if self.left < 0:
            raise ConnectionError("no store\nat all")

    def abandon(self):
        raise ConnectionError("gone")


def test_a_store_that_fails_is_said_once(make_logs):
    said = []
    recorder = FailSoftRecorder(lambda: Failing(after=1), said.append)
    for event in make_logs()["training"]:
        recorder.record(event)
    recorder.abandon()
    (line,) = said
    assert "no store" in line
    assert "at all" not in line


def test_abandon_never_raises(make_logs):
    said = []
    recorder = FailSoftRecorder(lambda: Failing(after=9), said.append)
    recorder.record(make_logs()["training"][0])
    recorder.abandon()
    assert "gone" in said[0]
