"""Figures of the report among the artifacts of their runs: put there once, and when they change."""

import os

import pytest
from PIL import Image

from dagm_transfer.core.files import write_json
from dagm_transfer.events.log import begin_of, write_log
from dagm_transfer.report.paths import FIGURES, SHOWN
from dagm_transfer.tracking.report_figures import TAG, log_report_figures
from dagm_transfer.training.paths import TrainingPaths

NAMES = ("embedding", "interpolation_3", "responses", "accuracy")


def draw(path, grey):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), grey).save(path)
    return path


@pytest.fixture
def pngs(tmp_path):
    return [draw(tmp_path / "figures" / f"{name}.png", 90) for name in NAMES[:2]]


def artifacts(store, run, folder="figures"):
    """Names of a run's artifacts and when each was written."""
    place = store.work.root / "mlartifacts" / "study" / run.info.run_id / "artifacts" / folder
    return {path.name: path.stat().st_mtime_ns for path in place.iterdir()}


def test_twice_changes_nothing_and_another_picture_is_put_there(store, make_logs, pngs):
    logs = make_logs()
    store.put(logs)
    begin = begin_of(logs["training"])
    assert log_report_figures(store.place, begin, pngs)
    before, there = store.everything(), artifacts(store, store.run())
    assert {png.name for png in pngs} < there.keys(), "beside those of its logs"
    for png in pngs:
        os.utime(png)
    assert not log_report_figures(store.place, begin, pngs)
    assert (store.everything(), artifacts(store, store.run())) == (before, there)
    draw(pngs[0], 120)
    assert log_report_figures(store.place, begin, pngs)
    again = artifacts(store, store.run())
    assert again.keys() == there.keys()
    assert again[pngs[0].name] > there[pngs[0].name]
    assert store.run().data.tags[TAG] != next(iter(before.values()))[1][TAG]


def test_a_run_made_anew_gets_them_again(store, make_logs, pngs):
    store.put(make_logs(accuracy=0.5))
    logs = make_logs()
    log_report_figures(store.place, begin_of(logs["training"]), pngs)
    store.put(logs)
    assert TAG not in store.run().data.tags
    assert log_report_figures(store.place, begin_of(logs["training"]), pngs)


def test_logs_put_there_later_leave_them_alone(store, make_logs, pngs):
    logs = make_logs()
    store.put({"training": logs["training"]})
    log_report_figures(store.place, begin_of(logs["training"]), pngs)
    store.put(logs)
    assert not log_report_figures(store.place, begin_of(logs["training"]), pngs)
    assert not store.put(logs), "nor do they make the run anew"


def test_a_run_that_is_not_in_the_store_is_none(store, make_logs, pngs):
    with pytest.raises(LookupError, match="finetune-s0"):
        log_report_figures(store.place, begin_of(make_logs()["training"]), pngs)


def test_the_commands_put_those_of_what_is_inside_on_the_runs_shown(
    store, make_logs, monkeypatch, capsys
):
    from dagm_transfer.cli.tracked import sync_figures

    root, logs = store.work.root, make_logs()
    monkeypatch.setenv("DVC_ROOT", str(root))
    store.put(logs)
    write_log(TrainingPaths("finetune-s0").log.below(root), logs["training"])
    for name in NAMES:
        draw(root / FIGURES / f"{name}.png", 90)
    sync_figures(root)
    assert TAG not in store.run().data.tags, "nobody has said of which runs they are"
    write_json(root / SHOWN, ["finetune-s0"])
    sync_figures(root)
    found = {name.removesuffix(".png") for name in artifacts(store, store.run())}
    assert found == {"curves", "layers", "embedding", "interpolation_3", "responses"}
    write_json(root / SHOWN, ["scratch-s0"])
    sync_figures(root)  # a run that is not there is said, and no failure
    assert "not in the tracking store" in capsys.readouterr().err
