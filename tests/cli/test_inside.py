"""The commands that look inside the runs of a seed: that seed has to be one of the study's."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagm_transfer.cli.main import app
from dagm_transfer.core.errors import UserError

DEMO = Path(__file__).resolve().parents[2] / "params" / "demo.yaml"


@pytest.mark.parametrize("command", ["responses", "interpolate", "compare"])
def test_a_seed_that_the_study_lacks_is_one_line(command, tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_bytes(DEMO.read_bytes())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"--seed 7: not among study.seeds in params.yaml, which"):
        CliRunner().invoke(app, [command, "--seed", "7"], catch_exceptions=False)
    assert not (tmp_path / "reports").exists()
