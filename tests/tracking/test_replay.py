"""The logs of a project, found and put into a store that lost them."""

import shutil

import pytest

from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.identity import run_name
from dagm_transfer.events.log import LogFiles, begin_of, write_events, write_log
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.sweep.paths import SweepPaths
from dagm_transfer.tracking.location import database, rebuild_if_moved
from dagm_transfer.tracking.replay import finished_runs, replay, run_logs
from dagm_transfer.tracking.sweeps import open_sweep
from dagm_transfer.training.paths import TrainingPaths

KEY = "finetune-s0"


@pytest.fixture
def write(work):
    """Write logs as the stages do."""

    def write(logs, key=KEY):
        write_log(TrainingPaths(key).log.below(work.root), logs["training"])
        write_events(work.root / JudgingPaths(key).log, logs["judging"])
        write_events(work.root / AnalysisPaths(key).log, logs["layers"])

    return write


@pytest.fixture
def keep(work):
    """Keep the log of a training among the working files."""

    def keep(events):
        begin = begin_of(events)
        name = run_name(begin.identity, begin.environment)
        write_log(LogFiles.at(work.finished_log(name, "training")), events)

    return keep


@pytest.fixture
def found(work):
    """The runs whose logs are found, without a word."""

    def found():
        warnings = []
        runs = finished_runs(work.root, work, warnings.append)
        assert warnings == []
        return runs

    return found


def test_the_outputs_of_the_stages_are_found(make_logs, write, found):
    write(make_logs())
    (run,) = found()
    assert run.keys() == {"training", "judging", "layers"}
    assert run["training"] == make_logs()["training"]


def test_runs_that_lost_their_place_are_kept(make_logs, write, keep, found):
    write(make_logs())
    keep(make_logs()["training"])
    keep(make_logs(identity="b" * 64)["training"])
    assert sorted(begin_of(run["training"]).identity[0] for run in found()) == ["a", "b"]


def test_the_outputs_win(make_logs, write, keep, found):
    write(make_logs(accuracy=0.5))
    keep(make_logs(accuracy=1.0)["training"])
    assert found()[0]["training"] == make_logs(accuracy=0.5)["training"]


def test_a_file_that_is_no_log_is_warned_of(make_logs, write, work):
    write(make_logs())
    log = work.root / TrainingPaths("broken-s0").log.log
    log.write_bytes(b"\x00\x00\n")
    warnings = []
    assert len(finished_runs(work.root, work, warnings.append)) == 1
    (line,) = warnings
    assert "broken-s0.jsonl" in line
    assert "\n" not in line


def test_a_judging_without_its_training_is_left_out(make_logs, write, work):
    write(make_logs())
    (work.root / TrainingPaths(KEY).log.log).unlink()
    warnings = []
    assert finished_runs(work.root, work, warnings.append) == []
    assert len(warnings) == 1


def test_of_one_key_only_what_belongs_together_counts(make_logs, write, work):
    write(make_logs())
    assert run_logs(KEY, work.root).keys() == {"training", "judging", "layers"}
    write_log(TrainingPaths(KEY).log.below(work.root), make_logs(identity="b" * 64)["training"])
    assert run_logs(KEY, work.root).keys() == {"training"}
    with pytest.raises(UserError, match="scratch-s9"):
        run_logs("scratch-s9", work.root)


def test_trials_go_below_their_sweep(store, make_logs, work, found):
    tags = {"optuna.study": "lines", "optuna.trial": "3"}
    events = make_logs(tags=tags)["training"]
    write_log(LogFiles.at(work.root / SweepPaths("lines").logs / "0003.jsonl"), events)
    replay(found(), work, store.draws)
    assert store.runs() == []
    place = open_sweep(work, "lines")
    runs = place.client.search_runs([place.experiment_id])
    trial, parent = sorted(runs, key=lambda run: run.info.run_name)
    assert trial.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert trial.data.tags["optuna.trial"] == "3"


def test_a_moved_checkout_gets_a_store_of_its_own(store, make_logs, write, work, empty_store):
    write(make_logs())
    said, changes = [], []
    assert not rebuild_if_moved(work, said.append)
    replay(finished_runs(work.root, work, said.append), work, store.draws)
    (before,) = store.everything().values()
    there = WorkPaths(work.root.with_name("moved"))
    shutil.copytree(work.root, there.root)
    assert said == []
    assert rebuild_if_moved(there, said.append)
    assert len(said) == 1
    assert not database(there.root).exists()
    shutil.copyfile(empty_store, database(there.root))
    moved = type(store)(there)
    runs = finished_runs(there.root, there, said.append)
    replay(runs, there, moved.draws, lambda begin, changed: changes.append((begin.key, changed)))
    (after,) = moved.everything().values()
    assert after == before
    assert moved.run().info.artifact_uri.startswith(there.root.as_uri())
    assert changes == [(KEY, True)]
    assert not rebuild_if_moved(there, said.append)


def test_a_store_that_is_named_is_never_removed(store, tmp_path, monkeypatch):
    shutil.copytree(store.work.root, tmp_path / "moved")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert not rebuild_if_moved(WorkPaths(tmp_path / "moved"), print)
    assert database(tmp_path / "moved").exists()
