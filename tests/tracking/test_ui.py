"""The page that `dagm ui` opens, and the server behind it."""

import json
import signal
import subprocess
import sys
from http.client import HTTPConnection

import psutil
import pytest
from servers import SERVE

from dagm_transfer.core.errors import UserError
from dagm_transfer.tracking.ui import HOST, listen, ui_address
from dagm_transfer.tracking.view import TAG, save_view

FOREIGN = "other.example"


def test_the_page_is_a_view_kept_in_the_experiment(store, make_logs):
    place = store.place
    store.put(make_logs())
    save_view(place)
    address = ui_address(place, store.work.root, 5000)
    assert address == (
        f"http://127.0.0.1:5000/#/experiments/{place.experiment_id}/runs"
        "?viewStateShareKey=dagm&compareRunsMode=CHART&workflowType=machine_learning"
    )
    text = place.client.get_experiment(place.experiment_id).tags[TAG]
    assert len(text) < 20_000
    view = json.loads(text)
    assert view.keys() == {"name", "createdAt", "updatedAt", "state"}
    state = json.loads(view["state"])
    shown = {section["uuid"] for section in state["compareRunSections"] if section["display"]}
    assert {chart["metricSectionId"] for chart in state["compareRunCharts"]} == shown
    folded = {part["name"] for part in state["compareRunSections"] if not part["display"]}
    assert folded == {"train", "test", "layers_last", "Model metrics"}
    save_view(place)
    assert place.client.get_experiment(place.experiment_id).tags[TAG] == text


def test_a_server_that_runs_already_is_shown(store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.example:5000/")
    address = ui_address(store.place, store.work.root, 5000)
    assert address.startswith("http://tracking.example:5000/#/experiments/")


def test_a_port_that_is_taken_is_one_line():
    with listen(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"^port {port}: .*--port$"):
            listen(port)


def test_a_server_that_is_killed_leaves_nothing(store):
    command = [sys.executable, "-c", SERVE, str(store.work.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            assert answer(port, "/health") == 200
            assert answer(port, "/api/2.0/mlflow/experiments/search?max_results=9") == 200
            assert answer(port, "/api/2.0/mlflow/experiments/search?max_results=9", FOREIGN) == 403
            assert psutil.Process(server.pid).children(recursive=True) == []
        finally:
            server.send_signal(signal.SIGKILL)
        server.wait(timeout=10)
    listen(port).close()


def answer(port: int, path: str, host: str = HOST) -> int:
    """The status of a page; a name other than this machine's is what a foreign site would send."""
    connection = HTTPConnection(HOST, port, timeout=60)
    connection.request("GET", path, headers={"Host": host})
    status = connection.getresponse().status
    connection.close()
    return status
