"""The pages as a browser shows them; skipped where there is no Chromium."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browser import dom_of, needed
from project import Project, stored
from servers import free_port, served

pytestmark = needed
RUNS = "experiments/1/runs?workflowType=machine_learning"  # as `dagm ui` opens it
COUNT_PICTURES = """<script>
addEventListener("load", () => {
  const shown = [...document.images].filter(image => image.naturalWidth > 500);
  document.title = `${shown.length} of ${document.images.length} pictures`;
});
</script>"""


def test_the_report_shows_every_figure(finished: Project, tmp_path: Path) -> None:
    page = (finished.root / "reports" / "index.html").read_text()
    copy = tmp_path / "index.html"
    copy.write_text(page.replace("</body>", f"{COUNT_PICTURES}</body>"))
    dom = dom_of(copy.as_uri(), tmp_path / "profile", 5000)
    figures = len(list((finished.root / "reports" / "figures").glob("*.png")))
    assert figures > 15
    assert f"<title>{figures} of {figures} pictures</title>" in dom


@pytest.fixture(scope="module")
def mlflow_page(finished: Project) -> Iterator[str]:
    """The address of the user interface, served as long as the tests of this file run."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = ["dagm", "ui", "--port", str(port), "--no-browser"]
    with served(command, f"{address}/health", cwd=finished.root, env=finished.environment()):
        yield f"{address}/#"


def test_mlflow_shows_the_runs_as_trainings(mlflow_page: str, tmp_path: Path) -> None:
    dom = dom_of(f"{mlflow_page}/{RUNS}", tmp_path / "profile", 30000)
    assert "finetune-s0" in dom
    assert "scratch-s0" in dom


@pytest.mark.parametrize(("metric", "points"), [("val/loss", 7), ("layers/weight_change", 13)])
def test_mlflow_lays_the_curves_of_two_runs_over_each_other(
    finished: Project, mlflow_page: str, tmp_path: Path, metric: str, points: int
) -> None:
    client = stored(finished)
    runs = {run.info.run_name: run.info.run_id for run in client.search_runs(["1"])}
    asked = {
        "runs": json.dumps(list(runs.values())),
        "experiments": json.dumps(["1"]),
        "metric": json.dumps(metric),
        "plot_metric_keys": json.dumps([metric]),
        "x_axis": "step",
    }
    dom = dom_of(f"{mlflow_page}/metric?{urlencode(asked)}", tmp_path / "profile", 30000)
    for name in ("finetune-s0", "scratch-s0"):
        assert f"{name} ({metric})" in dom
    lines = set(re.findall(r'class="js-line" d="(M[^"]*)"', dom))
    assert len(lines) == len(runs)
    for line in lines:  # points on a straight line are left out
        assert points - 3 <= line.count("L") + 1 <= points
