"""A new store: whole or absent, whatever was killed while it was made."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dagm_transfer.core.work import WorkPaths
from dagm_transfer.tracking.location import database
from dagm_transfer.tracking.store import open_store


def test_what_a_killed_process_left_half_made_hinders_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    draft = tmp_path / "mlflow.db.draft"
    with closing(sqlite3.connect(draft)) as half, half:
        half.execute("CREATE TABLE trace_info (request_id VARCHAR(50))")
    place = open_store(WorkPaths(tmp_path))
    assert place.client.get_experiment(place.experiment_id).name == "study"
    assert [path.name for path in tmp_path.glob("mlflow.db*")] == ["mlflow.db"]
    assert database(tmp_path).exists()
