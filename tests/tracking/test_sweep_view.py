"""The page of a sweep: what stands on it, and that MLflow's own page draws it."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from browser import dom_of, needed
from servers import SERVE, wait_for

from dagm_transfer.core.errors import UserError
from dagm_transfer.events.event import TRAINING
from dagm_transfer.tracking.sweep_view import save_sweep_views, sweep_named, sweeps
from dagm_transfer.tracking.sweeps import open_sweep
from dagm_transfer.tracking.sync import sync_run
from dagm_transfer.tracking.ui import HOST, ui_address
from dagm_transfer.tracking.view import TAG

RATE, FROM = "variant.phases.0.learning_rate", "variant.phases.0.trainable_from"


@pytest.fixture
def put_trials(store, make_logs):
    """Puts trials with these phases into the sweep `lines`; the accuracy of each is made up."""

    def put(*phases, aims=("sweep/accuracy", "sweep/to_target")):
        place = open_sweep(store.work, "lines")
        for number, phase in enumerate(phases):
            begin, *rest, end = make_logs(chr(97 + number) * 64)[TRAINING]
            params = {"variant": {"momentum": 0.9, "phases": [phase]}, "seed": number}
            logs = [
                replace(begin, key=f"lines-{number:04d}", params=params),
                *rest,
                replace(end, metrics={**end.metrics, **dict.fromkeys(aims, 0.25 * number)}),
            ]
            sync_run(place, {TRAINING: logs}, store.draws)
        return place

    return put


PHASES = [
    {"learning_rate": 0.001, "trainable_from": 1},
    {"learning_rate": 0.01, "trainable_from": 8},
    {"learning_rate": 0.02, "trainable_from": 14},
]


def view_of(place):
    text = place.client.get_experiment(place.experiment_id).tags[TAG]
    assert len(text) < 20_000
    return json.loads(json.loads(text)["state"])


def charts_of(store, place):
    save_sweep_views(store.place)
    return {chart["type"]: chart for chart in view_of(place)["compareRunCharts"]}


def test_what_was_searched_stands_against_the_accuracy(store, put_trials):
    place = put_trials(*PHASES)
    charts = charts_of(store, place)
    assert [*charts] == ["PARALLEL", "SCATTER", "LINE"]
    assert charts["PARALLEL"]["selectedParams"] == [RATE, FROM], "momentum is the same in all"
    assert charts["PARALLEL"]["selectedMetrics"] == ["sweep/to_target", "sweep/accuracy"]
    assert charts["SCATTER"]["xaxis"] == {"key": RATE, "type": "PARAM"}
    assert charts["SCATTER"]["yaxis"] == {"key": "sweep/accuracy", "type": "METRIC"}
    assert charts["LINE"]["metricKey"] == "val/accuracy"
    view = view_of(place)
    shown = {section["uuid"] for section in view["compareRunSections"] if section["display"]}
    assert {chart["metricSectionId"] for chart in charts.values()} == shown
    folded = {part["name"] for part in view["compareRunSections"] if not part["display"]}
    assert folded == {"Model metrics", "sweep", "train"}


def test_a_sweep_that_prunes_has_one_aim(store, put_trials):
    charts = charts_of(store, put_trials(*PHASES, aims=("sweep/accuracy",)))
    assert charts["PARALLEL"]["selectedMetrics"] == ["sweep/accuracy"]


def test_one_trial_shows_its_learning_rate_and_none_shows_nothing(store, put_trials):
    assert charts_of(store, put_trials()) == {}
    charts = charts_of(store, put_trials(PHASES[0]))
    assert charts["PARALLEL"]["selectedParams"] == [RATE]


def test_twice_changes_nothing_and_the_study_is_no_sweep(store, put_trials):
    place = put_trials(*PHASES)
    charts_of(store, place)
    before = place.client.get_experiment(place.experiment_id)
    charts_of(store, place)
    after = place.client.get_experiment(place.experiment_id)
    assert (after.tags, after.last_update_time) == (before.tags, before.last_update_time)
    assert [*sweeps(store.place)] == ["lines"]
    assert TAG not in store.place.client.get_experiment(store.place.experiment_id).tags


def test_a_sweep_that_is_not_there_is_one_line(store, put_trials):
    with pytest.raises(UserError, match=r"no sweep dots in .*; `dagm sweep run` makes one$"):
        sweep_named(store.place, "dots")
    place = put_trials()
    with pytest.raises(UserError, match=r"no sweep dots in .*; there are lines$"):
        sweep_named(store.place, "dots")
    assert sweep_named(store.place, "lines").experiment_id == place.experiment_id


@needed
def test_the_page_draws_it(store, put_trials, tmp_path):
    place = put_trials(*PHASES)
    save_sweep_views(store.place)
    command = [sys.executable, "-c", SERVE, str(store.work.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            wait_for(f"http://{HOST}:{port}/health")
            dom = dom_of(ui_address(place, store.work.root, port), tmp_path / "profile", 40000)
        finally:
            server.kill()
    assert 'class="parcoords' in dom, "the parallel coordinates"
    for number in range(3):
        assert f"lines-{number:04d}" in dom, "trials are not folded below their parent"
    assert f">{RATE}<" in dom, "the scatter's axis"
    lines = set(re.findall(r'class="js-line" d="(M[^"]*)"', dom))
    assert lines, "the trials' curves"
