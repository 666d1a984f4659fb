"""The pages as a browser shows them; skipped where there is no Chromium."""

import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from project import Project

pytestmark = [
    pytest.mark.xdist_group("pipeline"),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed"),
]
COUNT_PICTURES = """<script>
addEventListener("load", () => {
  const shown = [...document.images].filter(image => image.naturalWidth > 500);
  document.title = `${shown.length} of ${document.images.length} pictures`;
});
</script>"""


def dom_of(address: str, profile: Path, wait_ms: int) -> str:
    done = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
            *("--no-first-run", "--disable-background-networking", "--disable-sync"),
            *(f"--user-data-dir={profile}", "--window-size=1400,1000"),
            *(f"--virtual-time-budget={wait_ms}", "--dump-dom", address),
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return done.stdout


def test_the_report_shows_every_figure(finished: Project, tmp_path: Path) -> None:
    page = (finished.root / "reports" / "index.html").read_text()
    copy = tmp_path / "index.html"
    copy.write_text(page.replace("</body>", f"{COUNT_PICTURES}</body>"))
    dom = dom_of(copy.as_uri(), tmp_path / "profile", 5000)
    assert re.search("<title>6 of 6 pictures</title>", dom)


def test_mlflow_shows_runs_and_layer_curves(finished: Project, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["dagm", "ui", "--port", str(port), "--no-browser"],
        cwd=finished.root,
        env=finished.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health")
        runs = dom_of(f"{address}/#/experiments/1/runs", tmp_path / "profile", 30000)
        assert "finetune-s0" in runs
        assert "scratch-s0" in runs
    finally:
        subprocess.run(["pkill", "-TERM", "-s", str(server.pid)], check=False)
        server.wait(timeout=30)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"{address} does not answer")
